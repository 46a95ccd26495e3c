/**
 * Every frame of every capture in shared/captures against what tshark 4.0.17 says about it: addresses, protocols, ports,
 * lengths, TCP fields, VLANs, VNIs, keys, fragments, ICMP types, WireGuard. Equal, or one of the reasons below applies.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openCapture } from '../../src/capture/open.js';
import { decode, decodeQuoted } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded, ENCAPSULATION, NONE } from '../../src/wire/decoded.js';
import { describeStop } from '../../src/wire/stop-description.js';
import { STOP } from '../../src/wire/stop.js';
import { noStandardInput } from '../capture/reading.js';
import { sharedRoot } from '../tools/shared.js';
import { type Columns, columnsOf, COMPARED, readFrames, type TsharkFrame } from './tshark.js';

const folder = sharedRoot === null ? '' : join(sharedRoot, 'captures');
const files =
  sharedRoot === null ? [] : readdirSync(folder).filter((name) => /\.(pcap|pcapng)(\.gz|\.\d+)?$/.test(name));

interface Frame {
  readonly d: Decoded;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  readonly column: string;
  readonly tshark: TsharkFrame;
}

/** Why we differ and are right to: what must be true of the frame for the difference to be excused. */
const REASONS: readonly { readonly reason: string; readonly applies: (frame: Frame) => boolean }[] = [
  {
    reason: 'tshark shows a fragmented datagram in its last fragment, we show the transport header where it is',
    applies: ({ d, column }) =>
      isTransport(column) && d.levels.slice(0, d.depth).some((level) => level.isFragment === 1),
  },
  {
    reason: 'tshark decodes a protocol inside that we do not; what is outside it is equal',
    applies: ({ d, ours, theirs, tshark }) => isPrefix(ours, theirs) && isAllBeforeInner(tshark, d),
  },
  {
    reason: 'tshark decrypts WireGuard with the secrets in the file',
    applies: ({ d, ours, theirs, tshark }) => {
      return (
        d.wireguardType !== NONE &&
        isPrefix(ours, theirs) &&
        tshark.protocols.indexOf('ip', tshark.protocols.indexOf('wg')) > 0
      );
    },
  },
  {
    reason: 'tshark gives up at an IPv4 length of 0, we take the length of the frame (BIG TCP)',
    applies: ({ d, theirs, ours, tshark, column }) => {
      const isGivenUp = d.oddity === STOP.IpLengthZero && tshark.columns.get('_ws.malformed')!.length > 0;
      return isGivenUp && (isPrefix(theirs, ours) || (column === 'udp.length' && theirs.join() === '0'));
    },
  },
  {
    reason: 'the length of a jumbogram is in its option, the field is 0',
    applies: ({ column, theirs, tshark }) => {
      return column === 'ipv6.plen' && theirs.join() === '0' && tshark.protocols.includes('ipv6.hopopts');
    },
  },
  {
    reason: 'an atomic fragment is a whole packet',
    applies: ({ d, column, ours, tshark }) => {
      const isWhole = column.startsWith('ipv6.fraghdr') && ours.length === 0 && d.levels[0]!.isFragment === 0;
      return isWhole && ['offset', 'more'].every((name) => tshark.columns.get(`ipv6.fraghdr.${name}`)!.join() === '0');
    },
  },
  {
    reason: 'the outer 802.1ad tag is in another field of tshark, which was not kept',
    applies: ({ column, ours, theirs, tshark }) => {
      return column === 'vlan.id' && tshark.protocols.includes('ieee8021ad') && ours.slice(1).join() === theirs.join();
    },
  },
  {
    reason: 'tshark shows ports only of a TCP header in an ICMP error',
    applies: ({ d, column, ours, theirs }) => {
      return (
        column.startsWith('tcp.') &&
        theirs.length === 0 &&
        ours.length === 1 &&
        d.levels[d.depth - 1]!.quotedAt !== NONE
      );
    },
  },
];

/** Layers that only tshark decodes, each with what tells it from the same name elsewhere. */
const INNER_ONLY_TSHARK = /^radiotap|:(teredo|gtp|gre:ppp|gre:erspan|gre:cmd|(?<=:udp:)gre):/;

/** Whether the IP layers outside such a layer are as many as we decoded. */
function isAllBeforeInner(tshark: TsharkFrame, d: Decoded): boolean {
  const layers = tshark.protocols.join(':');
  const inner = INNER_ONLY_TSHARK.exec(layers);
  if (inner === null) return false;
  const before = layers
    .slice(0, inner.index)
    .split(':')
    .filter((name) => name === 'ip' || name === 'ipv6');
  return before.length === d.levels.slice(0, d.depth).filter(({ network }) => network === 4 || network === 6).length;
}

function isTransport(column: string): boolean {
  return /^(tcp|udp|sctp|icmp|icmpv6|wg|vxlan|geneve)\./.test(column);
}

function isPrefix(short: readonly string[], long: readonly string[]): boolean {
  return short.length < long.length && short.every((value, i) => value === long[i]);
}

/** What of tshark's values we set out to give. */
function comparable(column: string, frame: TsharkFrame, columns: Columns): string[] {
  const values = columns.get(column)!;
  switch (column) {
    case 'eth.src':
    case 'eth.dst': // of the outermost frame; all zeros is also how a link type without addresses looks
      return frame.protocols[0] === 'eth' ? values.slice(0, 1).filter((mac) => mac !== '00:00:00:00:00:00') : [];
    case 'sctp.chunk_type':
      return values.slice(0, 1);
    case 'mpls.label':
      return values.slice(0, 1);
    default:
      return values;
  }
}

const d = new Decoded();
const quoted = new Decoded();
const options = new DecodeOptions();

function differences(frame: TsharkFrame, columns: Columns): string[] {
  const lines: string[] = [];
  for (const column of COMPARED) {
    const ours = comparable(column, frame, columns);
    const theirs = comparable(column, frame, frame.columns);
    if (ours.join('|') === theirs.join('|')) continue;
    const found = REASONS.find(({ applies }) => applies({ d, ours, theirs, column, tshark: frame }));
    if (found === undefined) {
      const stop = describeStop(d.stop)?.name ?? 'no stop';
      lines.push(
        `frame ${frame.number} ${column}: ${ours.join('|')} for ${theirs.join('|')} (${frame.protocols.join(':')}; ${stop})`,
      );
    } else excused.set(found.reason, (excused.get(found.reason) ?? 0) + 1);
  }
  return lines;
}

const excused = new Map<string, number>();

async function compare(name: string): Promise<{ frames: number; lines: string[] }> {
  const frames = new Map(
    readFrames(join(folder, 'expected', `${name}.fields.tsv.gz`)).map((frame) => [frame.number, frame]),
  );
  const cursor = await openCapture(join(folder, name), noStandardInput);
  const lines: string[] = [];
  let count = 0;
  do {
    while (cursor.next()) {
      decode(cursor.view, cursor.dataAt, cursor.capturedLength, cursor.wireLength, cursor.linkType, options, d);
      const hasQuote = decodeQuoted(cursor.view, d.levels[d.depth - 1]!, options, quoted);
      lines.push(...differences(frames.get(cursor.frameNumber)!, columnsOf(d, hasQuote ? quoted : null)));
      count++;
    }
  } while (await cursor.fill());
  await cursor.close();
  return { frames: count, lines };
}

const describeWithShared = sharedRoot === null ? describe.skip : describe;

describeWithShared('every frame agrees with tshark (shared/captures)', () => {
  test.each(files)('%s', async (name) => {
    const { frames, lines } = await compare(name);
    expect(lines).toEqual([]);
    if (!/empty/.test(name)) expect(frames).toBeGreaterThan(0);
  });

  test('every reason is needed', () => {
    expect([...excused.keys()].sort()).toEqual(REASONS.map(({ reason }) => reason).sort());
  });
});

describeWithShared('first fragments', () => {
  /** Identification of the datagram (at the outermost level) to the ports in its transport header. */
  const ours = new Map<string, string>();
  const theirs = new Map<string, string>();

  test.each(files)('%s', async (name) => {
    const frames = readFrames(join(folder, 'expected', `${name}.fields.tsv.gz`));
    const byNumber = new Map(frames.map((frame) => [frame.number, frame]));
    const cursor = await openCapture(join(folder, name), noStandardInput);
    do {
      while (cursor.next()) {
        decode(cursor.view, cursor.dataAt, cursor.capturedLength, cursor.wireLength, cursor.linkType, options, d);
        const level = d.levels[0]!;
        if (level.isFragment === 0) continue;
        const key = [name, level.network, level.source3, level.destination3, level.protocol, level.fragmentId].join();
        const { columns } = byNumber.get(cursor.frameNumber)!;
        for (const protocol of ['tcp', 'udp']) {
          const [source, destination] = ['srcport', 'dstport'].map((side) => columns.get(`${protocol}.${side}`)![0]);
          if (source !== undefined) theirs.set(key, `${source}>${destination}`);
        }
        if (level.fragmentOffset === 0) ours.set(key, `${level.sourcePort}>${level.destinationPort}`);
      }
    } while (await cursor.fill());
    await cursor.close();
    for (const [key, ports] of theirs) if (ours.has(key)) expect([key, ours.get(key)]).toEqual([key, ports]);
  });

  test('occur', () => {
    expect([...theirs.keys()].filter((key) => ours.has(key)).length).toBeGreaterThan(10);
  });
});

describeWithShared('tunnels are found where tshark finds them', () => {
  test('all kinds occur', async () => {
    const seen = new Set<number>();
    for (const name of files) {
      const cursor = await openCapture(join(folder, name), noStandardInput);
      do {
        while (cursor.next()) {
          decode(cursor.view, cursor.dataAt, cursor.capturedLength, cursor.wireLength, cursor.linkType, options, d);
          for (let i = 0; i < d.depth; i++) seen.add(d.levels[i]!.encapsulation);
        }
      } while (await cursor.fill());
      await cursor.close();
    }
    expect([...seen].sort()).toEqual(Object.values(ENCAPSULATION).sort());
  });
});
