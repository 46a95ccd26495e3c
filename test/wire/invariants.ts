/** What must hold after decoding any bytes whatever. */
import { expect } from '@jest/globals';
import { type Decoded, type Level, MAX_LEVELS, NETWORK_IPV4, NONE, TRANSPORT } from '../../src/wire/decoded.js';
import { describeStop } from '../../src/wire/stop-description.js';
import { snapshot } from './packets.js';

const LENGTHS = ['networkLength', 'transportLength', 'payloadLength', 'payloadCaptured', 'tcpHeaderLength'] as const;

/** Checks `d` for a packet captured in [at, end) of a view. */
export function expectSound(d: Decoded, at: number, end: number): void {
  expect(violations(d, at, end)).toEqual([]);
}

/** One line for each thing that is wrong; a list and not many `expect`s, because it is asked a million times. */
export function violations(d: Decoded, at: number, end: number): string[] {
  const wrong: string[] = [];
  const must = (holds: boolean, what: string): unknown => holds || wrong.push(what);
  const isWithin = (offset: number): boolean => offset >= at && offset <= end;

  must(d.depth >= 1 && d.depth <= MAX_LEVELS, `depth ${d.depth}`);
  must(isInt32(snapshot(d)), 'a field is no int32');
  must(d.stop === 0 || isStop(d.stop), `stop ${d.stop}`);
  must(d.stop === 0 ? d.stopAt === NONE : isWithin(d.stopAt), `stopAt ${d.stopAt}`);
  must(d.stopLevel >= 0 && d.stopLevel < d.depth, `stopLevel ${d.stopLevel}`);
  must(d.oddity === 0 || describeStop(d.oddity)?.kind === 'oddity', `oddity ${d.oddity}`);
  must(d.nflogPrefixAt === NONE || isWithin(d.nflogPrefixAt), 'NFLOG prefix begins outside');
  must(d.nflogPrefixAt === NONE || isWithin(d.nflogPrefixAt + d.nflogPrefixLength), 'NFLOG prefix ends outside');
  for (const level of d.levels.slice(0, d.depth)) checkLevel(level, must, isWithin);
  return wrong;
}

function checkLevel(
  level: Level,
  must: (holds: boolean, what: string) => unknown,
  isWithin: (offset: number) => boolean,
): void {
  must(level.networkAt === NONE || isWithin(level.networkAt), `networkAt ${level.networkAt}`);
  must(level.transportAt === NONE || isWithin(level.transportAt), `transportAt ${level.transportAt}`);
  must(level.payloadAt === NONE || isWithin(level.payloadAt), `payloadAt ${level.payloadAt}`);
  must(level.payloadAt === NONE || isWithin(level.payloadAt + level.payloadCaptured), 'payload ends outside');
  for (const name of LENGTHS) must(level[name] >= 0, `${name} ${level[name]}`);
  must(level.payloadCaptured <= level.payloadLength, `payloadCaptured ${level.payloadCaptured}`);
  must(level.transport === TRANSPORT.None || level.payloadAt !== NONE, 'transport without payload');
  must(level.quotedAt === NONE || level.quotedAt === level.payloadAt, `quotedAt ${level.quotedAt}`);
  must((level.isFragment | 1) === 1, `isFragment ${level.isFragment}`);
  const fragment = level.fragmentOffset | level.moreFragments | level.fragmentId;
  must(level.isFragment === 1 || fragment === 0, 'fragment fields of what is none');
  const upperWords = level.source0 | level.source1 | level.source2 | level.destination0;
  must(level.network !== NETWORK_IPV4 || upperWords === 0, 'upper address words of IPv4');
}

function isStop(code: number): boolean {
  const kind = describeStop(code)?.kind;
  return kind !== undefined && kind !== 'oddity';
}

function isInt32(value: unknown): boolean {
  if (typeof value === 'number') return value === (value | 0);
  return typeof value !== 'object' || value === null || Object.values(value).every(isInt32);
}
