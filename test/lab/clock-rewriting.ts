/** Captures of a scenario with the clock of one node turned: their timestamps rewritten, classic pcap only, everything else as it was. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labRoot } from './scenarios.js';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const BILLION = 1_000_000_000n;

/** Nanoseconds to add to a time, which is given as seconds since 1970. */
export type Turn = (seconds: number) => number;

interface TruthCapture {
  readonly file: string;
  readonly node: string;
}

/** Paths in `folder` of the scenario's captures, those of `node` turned. A pcapng file of that node is left out. */
export function captureFiles(scenario: string, folder: string, node: string, turn: Turn): string[] {
  const truth = JSON.parse(readFileSync(join(labRoot!, scenario, 'truth.json'), 'utf8')) as {
    readonly captures: readonly TruthCapture[];
  };
  mkdirSync(folder, { recursive: true });
  return truth.captures.flatMap(({ file, node: own }) => {
    const from = join(labRoot!, scenario, file);
    const to = join(folder, file.slice(file.lastIndexOf('/') + 1));
    if (own !== node) copyFileSync(from, to);
    else if (file.endsWith('.pcapng')) return [];
    else writeFileSync(to, turned(readFileSync(from), turn));
    return [to];
  });
}

function turned(bytes: Buffer, turn: Turn): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isLittle = [MICROSECONDS, NANOSECONDS].includes(view.getUint32(0, true));
  const magic = view.getUint32(0, isLittle);
  if (magic !== MICROSECONDS && magic !== NANOSECONDS) throw new Error('not a classic pcap file');
  const unit = magic === MICROSECONDS ? 1000n : 1n;
  for (
    let at = FILE_HEADER;
    at + RECORD_HEADER <= bytes.length;
    at += RECORD_HEADER + view.getUint32(at + 8, isLittle)
  ) {
    const seconds = view.getUint32(at, isLittle);
    const fraction = view.getUint32(at + 4, isLittle);
    const time = BigInt(seconds) * BILLION + BigInt(fraction) * unit;
    const moved = time + BigInt(Math.round(turn(Number(time) / 1e9)));
    view.setUint32(at, Number(moved / BILLION), isLittle);
    view.setUint32(at + 4, Number((moved % BILLION) / unit), isLittle);
  }
  return bytes;
}
