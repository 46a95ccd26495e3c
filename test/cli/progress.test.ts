import { describe, expect, test } from '@jest/globals';
import type { EngineEvent } from '../../src/base/events.js';
import { ProgressDisplay } from '../../src/cli/progress.js';
import { minimalDocument } from '../report/documents/plain.js';
import { analyzing, Bench, RememberingStream } from './harness.js';

function display(columns = 80) {
  let milliseconds = 0;
  const stream = new RememberingStream({ columns });
  const progress = new ProgressDisplay(stream, () => milliseconds);
  const at = (moment: number, event: EngineEvent): void => {
    milliseconds = moment;
    progress.handle(event);
  };
  return { stream, progress, at };
}

describe('the line', () => {
  test('with a known size: share, bytes, packets per second, time left', () => {
    const { progress, at } = display();
    at(0, { type: 'phase', phase: 'captures' });
    at(2000, { type: 'progress', bytes: 250e6, totalBytes: 1000e6, packets: 4_000_000 });
    for (const columns of [76, 80, 120, 300]) {
      const line = progress.line(columns);
      expect(line).toMatch(/^Reading █+░+ 25 % {2}250 MB of 1(\.00)? GB {2}2(\.00)? M packets\/s {2}6 s left$/);
      expect(line.length).toBeLessThan(columns - 2);
      const [full = 0, empty = 0] = ['█', '░'].map((piece) => line.split(piece).length - 1);
      expect(Math.abs(full / (full + empty) - 0.25)).toBeLessThan(0.05);
    }
    expect(progress.line(50)).toMatch(/^Reading 25 % {2}250 MB/);
  });

  test('without one: bytes and rates', () => {
    const { progress, at } = display();
    at(1000, { type: 'phase', phase: 'captures' });
    at(3000, { type: 'progress', bytes: 250e6, totalBytes: null, packets: 5000 });
    expect(progress.line(80)).toBe('Reading  250 MB  125 MB/s  2,500 packets/s');
  });

  test('at the beginning and with nothing to read nothing is divided by zero', () => {
    const { progress, at } = display();
    at(0, { type: 'phase', phase: 'captures' });
    at(0, { type: 'progress', bytes: 0, totalBytes: 0, packets: 0 });
    expect(progress.line(80)).toMatch(/100 % {2}0 B of 0 B {2}0 packets\/s$/);
    at(5, { type: 'progress', bytes: 0, totalBytes: 10, packets: 0 });
    expect(progress.line(80)).not.toMatch(/NaN|Infinity|left/);
  });

  test('other phases have a word', () => {
    const { progress, at } = display();
    at(0, { type: 'phase', phase: 'joining' });
    expect(progress.line(80)).toBe('Joining flows');
  });
});

describe('the bar', () => {
  test('is not shown for a run that is over at once', async () => {
    const { stream, progress, at } = display();
    await progress.load();
    at(10, { type: 'phase', phase: 'captures' });
    at(200, { type: 'progress', bytes: 1, totalBytes: 2, packets: 1 });
    progress.stop();
    expect(stream.text).toBe('');
  });

  test('is cleared away at the end and around a message', async () => {
    const { stream, progress, at } = display(60);
    await progress.load();
    at(0, { type: 'phase', phase: 'captures' });
    at(1000, { type: 'progress', bytes: 500, totalBytes: 1000, packets: 10 });
    expect(stream.text).toContain('Reading');
    stream.text = '';
    progress.around(() => stream.write('a message\n'));
    const [before = '', after = ''] = stream.text.split('a message\n');
    // The bar's line is cleared before the message is written, and drawn again below it.
    expect(before.endsWith('\u001b[2K\u001b[0J')).toBe(true);
    expect(after).toContain('Reading');
    progress.stop();
    expect(stream.text.endsWith('\u001b[2K\u001b[0J')).toBe(true);
    progress.stop();
  });

  test('is never wider than the terminal', async () => {
    const { stream, progress, at } = display(40);
    await progress.load();
    at(0, { type: 'phase', phase: 'captures' });
    at(1000, { type: 'progress', bytes: 5e8, totalBytes: 1e9, packets: 1e6 });
    progress.stop();
    const drawn = stream.text.split(/\u001b(?:\[[0-9;?]*[A-Za-z]|[78])/).filter((text) => text !== '');
    expect(drawn.length).toBeGreaterThan(0);
    for (const text of drawn) expect(text.length).toBeLessThanOrEqual(40);
  });
});

describe('a run', () => {
  const slow = () => {
    let moment = 0;
    return {
      now: () => moment,
      services: analyzing((_request, { listener }) => {
        listener({ type: 'phase', phase: 'captures' });
        moment = 1000;
        listener({ type: 'progress', bytes: 1, totalBytes: 2, packets: 1 });
        listener({ type: 'warning', message: 'odd', hint: null });
        return { document: minimalDocument(), failures: [] };
      }),
    };
  };

  async function stderrOf(words: string[], stderr: RememberingStream): Promise<string> {
    const bench = new Bench();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(bench.path('a.pcap'), '');
    await bench.run(['a.pcap', ...words], { ...slow(), stderr });
    bench.remove();
    return stderr.text;
  }

  test('shows it on a terminal, gone when the run is over', async () => {
    const text = await stderrOf([], new RememberingStream({ columns: 80 }));
    expect(text).toContain('Reading');
    expect(text.slice(text.lastIndexOf('Reading'))).toContain('\u001b[2K');
  });

  test('not in a pipe, not with --quiet, not among JSON', async () => {
    expect(await stderrOf([], new RememberingStream())).toBe('warning: odd\n');
    expect(await stderrOf(['-q', '--no-color'], new RememberingStream({ columns: 80 }))).toBe('warning: odd\n');
    const json = await stderrOf(['--log-format', 'json'], new RememberingStream({ columns: 80 }));
    expect(JSON.parse(json)).toEqual({ level: 'warning', message: 'odd' });
  });
});
