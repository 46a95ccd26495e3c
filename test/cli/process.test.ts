/** The program as a process: pipes that close, signals, full disks, nothing left open. Bundled here, so that no build is needed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { repositoryRoot } from '../tools/shared.js';

/** Inside node_modules, so that packages are found from there. */
const BUNDLE = join(repositoryRoot, 'node_modules/.cache/podtrail-cli-test');
const CAPTURES = join(repositoryRoot, 'samples/pod-to-pod/captures');
const PCAP_HEADER_LENGTH = 24;
/** More than the system keeps between two processes. */
const AMPLE_BYTES = 1_000_000;
const onLinux = process.platform === 'linux' ? test : test.skip;

const children = new Set<ChildProcess>();
const folder = mkdtempSync(join(tmpdir(), 'podtrail-process-'));

beforeAll(async () => {
  await build({
    entryPoints: { podtrail: join(repositoryRoot, 'src/cli/main.ts') },
    outdir: BUNDLE,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});
afterAll(() => {
  rmSync(BUNDLE, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  children.add(child);
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

function podtrail(...words: string[]): ChildProcess {
  return spawn(process.execPath, [join(BUNDLE, 'podtrail.mjs'), ...words], { cwd: folder });
}

function shell(command: string): Promise<Ended> {
  const program = `"${process.execPath}" "${join(BUNDLE, 'podtrail.mjs')}"`;
  const script = command.replaceAll('podtrail', program).replaceAll('CAPTURES', `"${CAPTURES}"`);
  return ended(spawn('bash', ['-c', script], { cwd: folder, env: { ...process.env, PODTRAIL_DEBUG: '' } }));
}

describe('the program', () => {
  test('reads a folder of captures and prints a summary, without colours in a pipe', async () => {
    const { code, stdout, stderr } = await ended(podtrail(CAPTURES, '--workers', '1'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+ captures? · /);
    expect(stdout).not.toContain('\u001b');
  });

  test('reads standard input', async () => {
    const file = join(CAPTURES, readdirSync(CAPTURES)[0] ?? '');
    const { code, stdout } = await shell(`cat "${file}" | podtrail - --workers 1 --format json`);
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document.captures).toMatchObject([{ path: '-', sizeBytes: null }]);
    const { stdout: same } = await shell(`podtrail "${file}" --workers 1 --format json`);
    expect(document.connections.length).toBeGreaterThan(0);
    expect(document.totals).toEqual(JSON.parse(same).totals);
  });

  onLinux('ends quietly when nobody reads on', async () => {
    const commands = [
      'podtrail CAPTURES --format ndjson --workers 1 | head -c 1',
      'podtrail CAPTURES --workers 1 | true',
      'podtrail --help | true',
    ];
    for (const command of commands) {
      const { stdout, stderr } = await shell(`${command}; echo "exit \${PIPESTATUS[0]}"`);
      expect({ command, stderr, exit: stdout.slice(-7) }).toEqual({ command, stderr: '', exit: 'exit 0\n' });
    }
  });

  onLinux('says that the disk is full', async () => {
    for (const command of ['podtrail CAPTURES > /dev/full', 'podtrail CAPTURES -o /dev/full --format json']) {
      const { code, stderr } = await shell(`${command} --workers 1`);
      expect(code).toBe(3);
      expect(stderr).toMatch(
        /^error: (standard output|\/dev\/full: cannot be written): no space left on the device\n$/,
      );
    }
  });

  onLinux('does not need its standard error', async () => {
    const { stdout } = await shell(
      'podtrail none.pcap 2>&-; echo "exit $?"; podtrail none.pcap 2> /dev/full; echo "exit $?"',
    );
    expect(stdout).toBe('exit 3\nexit 3\n');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('interrupted by %s it reports what it has read', async (signal) => {
    const child = podtrail('-', '--workers', '1', '-o', `${signal}.json`);
    const result = ended(child);
    const capture = readFileSync(join(CAPTURES, 'node-1.any.sll2.pcap'));
    // Once all of it is taken, the program is at work; and then nothing more comes, nor the end.
    const records = capture.subarray(PCAP_HEADER_LENGTH);
    const bytes = Buffer.concat([capture, ...Array<Buffer>(Math.ceil(AMPLE_BYTES / records.length)).fill(records)]);
    await new Promise((resolve) => child.stdin?.write(bytes, resolve));
    child.kill(signal);
    const { code, stderr } = await result;
    expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringContaining('interrupted') });
    const document = JSON.parse(readFileSync(join(folder, `${signal}.json`), 'utf8'));
    expect(document.partial).toBe(true);
    expect(document.totals.packets).toBeGreaterThan(0);
  });
});
