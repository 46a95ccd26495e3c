import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_MAX_FLOWS } from '../../src/cli/options.js';
import type { Services } from '../../src/cli/services.js';
import type { Finding, Severity } from '../../src/model/finding.js';
import { VERSION } from '../../src/base/version.js';
import { PodtrailError } from '../../src/base/errors.js';
import { buildSummary, tableOf } from '../report/documents/build.js';
import { minimalDocument } from '../report/documents/plain.js';
import { analyzing, Bench, RememberingStream, servicesOf, systemError } from './harness.js';

let bench: Bench;

beforeEach(() => {
  bench = new Bench();
  writeFileSync(bench.path('a.pcap'), 'a');
});
afterEach(() => {
  expect(bench.listenerCount).toBe(0);
  bench.remove();
});

describe('what needs no capture', () => {
  test('--version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(VERSION).toBe(version);
    expect(await bench.run(['--version'])).toMatchObject({ exitCode: 0, stdout: `podtrail ${version}\n`, stderr: '' });
  });

  test.each([[['--help']], [['-h']], [['report', 'a.pcap', '--help']]])('%j prints the help', async (words) => {
    const { exitCode, stdout, requests } = await bench.run(words);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Usage: podtrail');
    expect(requests).toEqual([]);
  });

  test('bare on a terminal: three commands to copy', async () => {
    const { exitCode, stdout, stderr } = await bench.run([]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    const commands = stdout.split('\n').filter((line) => line.startsWith('   '));
    expect(commands.map((line) => line.trim().split(' ')[0])).toEqual(['tcpdump', 'mkdir', 'podtrail']);
  });

  test('bare in a pipe: says what to do', async () => {
    const { exitCode, stdout, stderr } = await bench.run([], { stdinIsTerminal: false });
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('error: no capture is given');
    expect(stderr).toContain('- for standard input');
  });

  test('a completion script, and what it asks for', async () => {
    const { exitCode, stdout } = await bench.run(['--completion']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('podtrail --get-yargs-completions');
    const ask = async (...words: string[]) =>
      (await bench.run(['--get-yargs-completions', 'podtrail', ...words])).stdout.split('\n').slice(0, -1);
    expect(await ask('--format', '')).toEqual(['html', 'json', 'ndjson', 'csv', 'md']);
    expect(await ask('a.pcap', '--')).toContain('--inventory');
    expect(await ask('a.pcap', '-o', '')).toEqual([]);
    expect(await ask('')).toEqual([]);
  });
});

describe('wrong usage ends with 2, a sentence and a hint, before anything is read', () => {
  test.each([
    [['a.pcap', '--outptu', 'x.html'], 'unknown option --outptu', 'Did you mean --output?'],
    [['a.pcap', '--frobnicate', '--barf'], 'unknown options --frobnicate, --barf', '--help'],
    [['a.pcap', '-o'], '-o needs a value', '--help'],
    [['a.pcap', '--format', 'xml'], '--format cannot be xml; choose one of html, json, ndjson, csv, md', '--help'],
    [['a.pcap', '-o', 'report.txt'], '-o report.txt: its ending names no format', '--format'],
    [['a.pcap', '-o', '-'], '-o -: a format is needed for standard output', '--format'],
    [['a.pcap', '-o', 'x.csv', '--format', 'json'], '--format json', 'another ending'],
    [['a.pcap', '-o', 'x.csv', '-o', './x.csv'], '-o ./x.csv is given twice', 'a name of its own'],
    [['a.pcap', '-o', 'a.pcap', '--format', 'csv'], '-o a.pcap would overwrite the input a.pcap', 'another name'],
    [['a.pcap', '-o', '.', '--format', 'csv'], '-o . is a folder', 'report.html'],
    [['a.pcap', '--top', '0'], '--top 0', 'whole number'],
    [['a.pcap', '--top', '-5'], '--top -5', 'whole number'],
    [['a.pcap', '--workers', 'many'], '--workers many', 'whole number'],
    [['a.pcap', '--clock', 'node-2=0.35'], '--clock node-2=0.35', 'NODE=OFFSET'],
    [['a.pcap', '--clock', '+0.35s'], '--clock +0.35s', 'NODE=OFFSET'],
    [['a.pcap', '--clock', 'node-2=soon'], '--clock node-2=soon', 'NODE=OFFSET'],
    [['a.pcap', '--clock', 'node-2=9999999999s'], '--clock node-2=9999999999s', 'NODE=OFFSET'],
    [['a.pcap', '--vxlan-port', '65536'], '--vxlan-port 65536', '1 to 65535'],
    [['a.pcap', '--since', 'yesterday'], '--since yesterday: this is not a time', '14:02'],
    [['a.pcap', '--since', '1m', '--until', '2m'], '--since is after --until', 'Exchange'],
    [['a.pcap', '--tz', 'Mars'], '--tz Mars: there is no such time zone', 'Europe/Berlin'],
    [['a.pcap', '--utc', '--local'], 'exclude each other', 'Keep one'],
    [['a.pcap', '--vantage', 'a.pcap'], '--vantage a.pcap', 'FILE=NODE/IFACE'],
    [['a.pcap', '--node', 'node-1'], '--node node-1', 'NAME=DIR'],
    [['a.pcap', '--pod', 'a/b/c'], '--pod a/b/c', 'NAMESPACE/NAME'],
    [['a.pcap', '--config', 'none.yaml'], 'none.yaml: no such file', ''],
    [['-', '-'], 'standard input (-) can be read only once', 'one -'],
    [['-'], 'standard input is this terminal', 'Pipe'],
    [['a.pcap', '-i', '-'], 'the inventory cannot be read from standard input', 'file'],
    [['-q'], 'no capture is given', '--help'],
  ])('%j', async (words, message, hint) => {
    const { exitCode, stdout, stderr, requests } = await bench.run(words);
    expect({ exitCode, stdout, requests }).toEqual({ exitCode: 2, stdout: '', requests: [] });
    expect(stderr.replace(/\s+/g, ' ')).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).toMatch(/^error: /);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('in JSON where it is asked for', async () => {
    const { exitCode, stderr } = await bench.run(['a.pcap', '--nonsense', '--log-format', 'json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      level: 'error',
      message: 'unknown option --nonsense',
      hint: 'podtrail --help lists what there is.',
    });
  });
});

describe('what the analysis is asked for', () => {
  test('nothing but the capture', async () => {
    const { requests } = await bench.run(['a.pcap']);
    expect(requests).toEqual([
      {
        captures: ['a.pcap'],
        inventory: [],
        policies: { texts: [], options: { ipBlocks: 'include pods', hostNetworkPods: 'as nodes' } },
        nodeDirectories: [],
        vantages: [],
        vxlanPorts: [],
        names: [],
        clocks: [],
        maxFlows: DEFAULT_MAX_FLOWS,
        workers: 2,
        leastBytesPerWorker: 32 * 1024 * 1024,
        selection: { namespaces: [], pods: [], since: null, until: null, top: null },
        options: [],
      },
    ]);
  });

  test('`podtrail report a.pcap` is `podtrail a.pcap`', async () => {
    const { requests } = await bench.run(['report', 'a.pcap']);
    expect(requests[0]?.captures).toEqual(['a.pcap']);
  });

  test('every option, echoed in a fixed order without what does not shape the result', async () => {
    writeFileSync(bench.path('inventory.json'), '{}');
    const words =
      'a.pcap --until 5m --top 7 --since 10m --pod shop/web* --pod db -n shop -n other --workers 1 --max-flows 1000 ' +
      '--clock node-2=+0.35s --vxlan-port 8473 --vantage a.pcap=node-1/eth0 --node node-1=hosts/a=b -i inventory.json --quiet --tz local';
    const { requests } = await bench.run(words.split(' '));
    expect(requests[0]).toEqual({
      captures: ['a.pcap'],
      inventory: ['inventory.json'],
      policies: { texts: [], options: { ipBlocks: 'include pods', hostNetworkPods: 'as nodes' } },
      nodeDirectories: [{ node: 'node-1', directory: 'hosts/a=b' }],
      vantages: [{ file: 'a.pcap', node: 'node-1', interface: 'eth0' }],
      vxlanPorts: [8473],
      names: [],
      clocks: [{ node: 'node-2', aheadNs: 350_000_000 }],
      maxFlows: 1000,
      workers: 1,
      leastBytesPerWorker: 0,
      selection: {
        namespaces: ['shop', 'other'],
        pods: ['shop/web*', 'db'],
        since: { kind: 'before-end', nanoseconds: 600e9 },
        until: { kind: 'before-end', nanoseconds: 300e9 },
        top: 7,
      },
      options: [
        { name: 'inventory', value: 'inventory.json' },
        { name: 'node', value: 'node-1=hosts/a=b' },
        { name: 'vantage', value: 'a.pcap=node-1/eth0' },
        { name: 'vxlan-port', value: '8473' },
        { name: 'clock', value: 'node-2=350000000ns' },
        { name: 'max-flows', value: '1000' },
        { name: 'namespace', value: 'shop' },
        { name: 'namespace', value: 'other' },
        { name: 'pod', value: 'shop/web*' },
        { name: 'pod', value: 'db' },
        { name: 'since', value: '10m' },
        { name: 'until', value: '5m' },
        { name: 'top', value: '7' },
      ],
    });
  });

  test('words behind -- are captures, whatever they look like', async () => {
    writeFileSync(bench.path('--quiet'), '');
    const { requests } = await bench.run(['--', '--quiet']);
    expect(requests[0]?.captures).toEqual(['--quiet']);
  });

  test('standard input is handed over', async () => {
    let read = '';
    const services = analyzing(async (request, context) => {
      expect(request.captures).toEqual(['a.pcap', '-']);
      for await (const chunk of context.standardInput()) read += String(chunk);
      return { document: minimalDocument(), failures: [] };
    });
    const { exitCode } = await bench.run(['a.pcap', '-'], { services, stdin: 'bytes', stdinIsTerminal: false });
    expect(exitCode).toBe(0);
    expect(read).toBe('bytes');
  });
});

describe('outputs', () => {
  test('several files in their formats, complete, with nothing beside them', async () => {
    const { exitCode, stdout, stderr } = await bench.run(['a.pcap', '-o', 'r.json', '-o', 'f.csv', '-o', 'n.jsonl']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(readdirSync(bench.folder).sort()).toEqual(['a.pcap', 'f.csv', 'n.jsonl', 'r.json']);
    expect(JSON.parse(readFileSync(bench.path('r.json'), 'utf8'))).toMatchObject({ format: 'podtrail-report/1' });
    expect(readFileSync(bench.path('f.csv'), 'utf8').split('\r\n').length).toBeGreaterThanOrEqual(2);
    expect(stderr).toMatch(/^Wrote r\.json \([\d.]+ kB\)\nWrote f\.csv \(.*\)\nWrote n\.jsonl \(.*\)\n$/);
  });

  test('--quiet says nothing when all is well', async () => {
    const { exitCode, stderr } = await bench.run(['a.pcap', '-o', 'r.json', '--quiet']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test.each([[['--format', 'json']], [['-o', '-', '--format', 'json']]])(
    '%j writes to standard output',
    async (words) => {
      const { exitCode, stdout, stderr } = await bench.run(['a.pcap', ...words]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ format: 'podtrail-report/1' });
    },
  );

  test('--format is for the output whose name does not tell', async () => {
    const { stdout } = await bench.run(['a.pcap', '-o', 'f.csv', '-o', '-', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'podtrail-report/1' });
    expect(readFileSync(bench.path('f.csv'), 'utf8')).not.toContain('podtrail-report/1');
  });

  test('writers are told how: --per, --tz and --top', async () => {
    const told: unknown[] = [];
    const services = servicesOf({
      async writeReport(format, _document, _sink, options) {
        told.push([format, options]);
      },
    });
    await bench.run(['a.pcap', '-o', 'f.csv', '--per', 'flow', '--local', '--top', '3'], { services });
    expect(told).toEqual([['csv', { per: 'flow', timeZone: 'America/New_York', top: 3 }]]);
  });

  test('a writer that fails leaves the old file, no temporary one, and the other outputs are written', async () => {
    writeFileSync(bench.path('r.json'), 'the old report');
    const services = servicesOf({
      async writeReport(format, _document, sink) {
        await sink.write('beginning');
        if (format === 'json') throw systemError('ENOSPC');
      },
    });
    const { exitCode, stderr } = await bench.run(['a.pcap', '-o', 'r.json', '-o', 'f.csv'], { services });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('error: r.json: cannot be written: no space left on the device');
    expect(readFileSync(bench.path('r.json'), 'utf8')).toBe('the old report');
    expect(readFileSync(bench.path('f.csv'), 'utf8')).toBe('beginning');
    expect(readdirSync(bench.folder).sort()).toEqual(['a.pcap', 'f.csv', 'r.json']);
  });

  test('an output in a folder that is not there is refused before reading; the others are written', async () => {
    const only = await bench.run(['a.pcap', '-o', 'no/such/r.json']);
    expect(only).toMatchObject({ exitCode: 3, requests: [] });
    expect(only.stderr).toContain('error: no/such/r.json: cannot be written: no/such: no such file or directory');
    const both = await bench.run(['a.pcap', '-o', 'no/such/r.json', '-o', 'f.csv']);
    expect(both.exitCode).toBe(3);
    expect(readdirSync(bench.folder)).toContain('f.csv');
  });

  test('a reader that has gone (head) ends it quietly, and files are still written', async () => {
    const stdout = new RememberingStream({ failure: systemError('EPIPE') });
    const outcome = await bench.run(['a.pcap', '--format', 'json', '-o', '-', '-o', 'f.csv'], { stdout });
    expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^Wrote f\.csv/) });
    expect(
      await bench.run(['a.pcap'], { stdout: new RememberingStream({ failure: systemError('EPIPE') }) }),
    ).toMatchObject({ exitCode: 0, stderr: '' });
    expect(
      await bench.run(['--help'], { stdout: new RememberingStream({ failure: systemError('EPIPE') }) }),
    ).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('a full disk behind standard output is an error', async () => {
    for (const words of [['a.pcap', '--format', 'csv'], ['a.pcap']]) {
      const stdout = new RememberingStream({ failure: systemError('ENOSPC') });
      const { exitCode, stderr } = await bench.run(words, { stdout });
      expect(exitCode).toBe(3);
      expect(stderr).toContain('error: standard output: no space left on the device');
    }
  });

  test('a device is written to, not replaced', async () => {
    const { exitCode } = await bench.run(['a.pcap', '-o', '/dev/null', '--format', 'json']);
    expect(exitCode).toBe(0);
    expect(readdirSync('/dev')).toContain('null');
    expect(readdirSync('/dev').filter((name) => name.includes('podtrail') || name.startsWith('.null'))).toEqual([]);
  });
});

describe('inputs that cannot be read', () => {
  test('a missing capture is named, the others are read', async () => {
    const { exitCode, stderr, requests } = await bench.run(['a.pcap', 'none.pcap', 'x*.pcap', '-o', 'r.json']);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('error: none.pcap: no such file or directory');
    expect(stderr).toContain('error: x*.pcap: no file matches this pattern');
    expect(requests[0]?.captures).toEqual(['a.pcap']);
    expect(readdirSync(bench.folder)).toContain('r.json');
  });

  test('without any capture there is no report', async () => {
    const { exitCode, stdout, requests } = await bench.run(['none.pcap', '-o', 'r.json']);
    expect({ exitCode, stdout, requests }).toEqual({ exitCode: 3, stdout: '', requests: [] });
    expect(readdirSync(bench.folder)).not.toContain('r.json');
  });

  test('what the analysis could not read is said once, after which the report is written', async () => {
    const failure = 'b.pcap: this is a snoop capture';
    const services = analyzing((_request, { listener }) => {
      listener({ type: 'warning', message: 'odd.txt: not recognised', hint: 'Remove it.' });
      listener({ type: 'error', message: failure, hint: 'Convert it.' });
      return { document: minimalDocument(), failures: [failure] };
    });
    const { exitCode, stderr } = await bench.run(['a.pcap', '-o', 'r.json', '-q'], { services });
    expect(exitCode).toBe(3);
    expect(stderr).toBe(`warning: odd.txt: not recognised\n  Remove it.\nerror: ${failure}\n  Convert it.\n`);
    expect(readdirSync(bench.folder)).toContain('r.json');
  });

  test('an analysis that read nothing writes nothing', async () => {
    const document = { summary: buildSummary(), connections: tableOf([]) };
    const services = analyzing(() => ({ document, failures: ['a.pcap: not a capture'] }));
    const { exitCode, stdout } = await bench.run(['a.pcap', '-o', 'r.json'], { services });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(readdirSync(bench.folder)).not.toContain('r.json');
  });

  test('an analysis that gives up says why', async () => {
    const services = analyzing(() => {
      throw new PodtrailError('unreadable-input', 'everything is broken', { hint: 'Try again.' });
    });
    const { exitCode, stderr } = await bench.run(['a.pcap'], { services });
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: 'error: everything is broken\n  Try again.\n' });
  });

  test('a defect is called one, with its place only where that is asked for', async () => {
    const services = analyzing(() => {
      throw new TypeError('x is not a function');
    });
    const plain = await bench.run(['a.pcap'], { services });
    expect(plain.exitCode).toBe(3);
    expect(plain.stderr).toContain('has a defect: x is not a function');
    expect(plain.stderr).not.toMatch(/\n\s+at /);
    const debugging = await bench.run(['a.pcap'], { services, variables: { PODTRAIL_DEBUG: '1' } });
    expect(debugging.stderr).toMatch(/\n\s+at /);
  });
});

describe('messages', () => {
  test('as JSON, one object a line', async () => {
    const services = analyzing((_request, { listener }) => {
      listener({ type: 'warning', message: 'first\nsecond \u001b[31m', hint: null });
      return { document: minimalDocument(), failures: ['gone'] };
    });
    const { stderr } = await bench.run(['a.pcap', '-o', 'r.json', '--log-format=json'], { services });
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'warning', message: 'first\nsecond \u001b[31m' },
      { level: 'error', message: 'gone' },
      { level: 'info', message: expect.stringMatching(/^Wrote r\.json/) },
    ]);
  });

  test('as text cannot move the cursor or break the line', async () => {
    const services = analyzing(() => ({ document: minimalDocument(), failures: ['a\u001b[2Jb\nerror: fake\r\u202e'] }));
    const { stderr } = await bench.run(['a.pcap', '-o', 'r.json', '-q'], { services });
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(stderr.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  test('are coloured on a terminal only, and not where colour is refused', async () => {
    const failing = analyzing(() => ({ document: minimalDocument(), failures: ['gone'] }));
    const run = async (words: string[], variables: Record<string, string>) =>
      (
        await bench.run(['a.pcap', ...words], {
          services: failing,
          stderr: new RememberingStream({ columns: 80 }),
          variables,
        })
      ).stderr;
    expect(await run([], {})).toContain('\u001b[31merror: ');
    for (const plain of [
      await run(['--no-color'], {}),
      await run([], { NO_COLOR: '1' }),
      await run([], { TERM: 'dumb' }),
      (await bench.run(['a.pcap'], { services: failing })).stderr,
    ]) {
      expect(plain).toBe('error: gone\n');
    }
    expect(await run([], { NO_COLOR: '' })).toContain('\u001b[31m');
  });
});

describe('an interruption', () => {
  test('ends reading, and what is known is written: 130', async () => {
    const services = analyzing((_request, { signal }) => {
      bench.interrupt();
      expect(signal.aborted).toBe(true);
      const { summary, connections } = minimalDocument();
      return { document: { summary: { ...summary, partial: true }, connections }, failures: ['a.pcap: gone'] };
    });
    const { exitCode, stderr } = await bench.run(['a.pcap', '-o', 'r.json'], { services });
    expect(exitCode).toBe(130);
    expect(stderr).toContain('warning: interrupted');
    expect(JSON.parse(readFileSync(bench.path('r.json'), 'utf8'))).toMatchObject({ partial: true });
    expect(bench.exits).toEqual([]);
  });

  test('a second one ends at once and leaves no temporary file', async () => {
    const services = servicesOf({
      async writeReport(_format, _document, sink) {
        await sink.write('beginning');
        expect(readdirSync(bench.folder)).toHaveLength(2);
        bench.interrupt();
        expect(readdirSync(bench.folder)).toHaveLength(2);
        bench.interrupt();
        expect(readdirSync(bench.folder)).toEqual(['a.pcap']);
      },
    });
    await bench.run(['a.pcap', '-o', 'r.json'], { services });
    expect(bench.exits).toEqual([130]);
  });
});

describe('--dry-run', () => {
  const inputs = [
    { path: 'a.pcap', role: 'capture', recognizedAs: 'pcap, 1 interface', vantagePoint: 'node-1/eth0', problem: null },
    { path: 'inv/pods.json', role: 'inventory', recognizedAs: 'PodList, 18 pods', vantagePoint: null, problem: null },
    { path: 'inv/x\u001b', role: 'not used', recognizedAs: 'unknown text', vantagePoint: null, problem: null },
  ] as const;

  test('says what was recognised, and analyses nothing', async () => {
    const services = servicesOf({
      analyze: () => Promise.reject(new Error('must not be called')),
      describeInputs: async () => inputs,
    });
    const { exitCode, stdout, stderr } = await bench.run(['a.pcap', '--dry-run'], { services });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(
      'a.pcap         capture: pcap, 1 interface at node-1/eth0\n' +
        'inv/pods.json  inventory: PodList, 18 pods\n' +
        'inv/x\ufffd         not used: unknown text\n',
    );
  });

  test('of an inventory alone', async () => {
    writeFileSync(bench.path('pods.json'), '{}');
    const { exitCode, requests } = await bench.run(['--dry-run', '-i', 'pods.json']);
    expect(exitCode).toBe(0);
    expect(requests[0]).toMatchObject({ captures: [], inventory: ['pods.json'] });
  });

  test('a broken capture is told by the exit code too', async () => {
    const services = servicesOf({ describeInputs: async () => [{ ...inputs[0], problem: 'the file is empty' }] });
    const { exitCode, stdout } = await bench.run(['a.pcap', '--dry-run'], { services });
    expect(exitCode).toBe(3);
    expect(stdout).toBe('a.pcap  capture: pcap, 1 interface at node-1/eth0\n  the file is empty\n');
  });
});

describe('--fail-on', () => {
  const finding = (severity: Severity): Finding => ({
    ...{ id: 'x-1', kind: 'x', severity, confidence: 'confirmed', title: `an ${severity} of a kind`, facts: [] },
    ...{ meaning: '', next: [], alternatives: [], connections: [], connectionCount: 0, filters: null },
  });
  const finds = (...severities: Severity[]): Services =>
    analyzing(() => {
      const { summary, connections } = minimalDocument();
      return { document: { summary: { ...summary, findings: severities.map(finding) }, connections }, failures: [] };
    });

  test.each<[Severity[], string, number]>([
    [[], 'warning', 0],
    [['note', 'info'], 'warning', 0],
    [['warning', 'note'], 'warning', 1],
    [['error'], 'warning', 1],
    [['warning'], 'error', 0],
    [['error', 'warning'], 'error', 1],
  ])('findings %j, gate at %s: exit code %d, and the report is written', async (severities, gate, expected) => {
    const words = ['a.pcap', '-o', 'r.json', '--fail-on', gate];
    const { exitCode, stderr } = await bench.run(words, { services: finds(...severities) });
    expect(exitCode).toBe(expected);
    expect(readdirSync(bench.folder)).toContain('r.json');
    expect(stderr.includes(`--fail-on ${gate}`)).toBe(expected === 1);
  });

  test('says which finding, and how many more', async () => {
    const { stderr } = await bench.run(['a.pcap', '--fail-on', 'warning', '-q'], {
      services: finds('error', 'warning'),
    });
    expect(stderr).toBe('warning: --fail-on warning: an error of a kind, and 1 more\n');
  });

  test('does not hide what could not be read', async () => {
    const words = ['a.pcap', 'none.pcap', '-o', 'r.json', '--fail-on', 'error'];
    expect((await bench.run(words, { services: finds('error') })).exitCode).toBe(3);
  });

  test('takes no other severity', async () => {
    expect((await bench.run(['a.pcap', '--fail-on', 'note'])).exitCode).toBe(2);
  });
});
