/** Arbitrary damage to real captures: what disks, cut transfers, buggy writers and attackers make of them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pcapBytes, pcapngBytes, packets, pcapShape } from '../capture/generators.js';
import { repositoryRoot } from '../tools/shared.js';

const MOST_BYTES = 6000;

/** The beginnings of our own samples: VXLAN, WireGuard, TCP, UDP, DNS; Ethernet, cooked and several interfaces. */
const samples: readonly Uint8Array[] = [
  'pod-to-pod/captures/node-1.any.sll2.pcap',
  'pod-to-pod/captures/node-1.eth1.pcap',
  'pod-to-pod/captures/node-2.flannel.1.pcap',
  'pod-to-pod/captures/node-3.multi.pcapng.gz',
  'pod-churn/captures/node-1.cni0.pcap',
].map((path) => {
  const bytes = readFileSync(join(repositoryRoot, 'samples', path));
  return new Uint8Array(path.endsWith('.gz') ? gunzipSync(bytes) : bytes).slice(0, MOST_BYTES);
});

const generated = fc.oneof(
  fc.tuple(pcapShape, packets()).map(([shape, contents]) => pcapBytes(shape, contents)),
  fc
    .record({ contents: packets(2), isLittleEndian: fc.boolean(), hasOtherBlocks: fc.boolean() })
    .map(({ contents, ...options }) => pcapngBytes(contents, options)),
);

/** A place in the file: the headers at the beginning more often than the rest. */
const place = fc.oneof(fc.nat(300), fc.nat(MOST_BYTES));
/** Values that lengths, counts and offsets go wrong with. */
const awkward = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 4, 7, 8, 11, 12, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000),
  fc.constantFrom(0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);

type Mutation = (bytes: Uint8Array) => Uint8Array;

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(([at, bit]): Mutation => (bytes) => {
    const copy = bytes.slice();
    if (at < copy.length) copy[at]! ^= 1 << bit;
    return copy;
  }),
  fc.tuple(place, awkward, fc.constantFrom(1, 2, 4), fc.boolean()).map(([at, value, size, isLittle]): Mutation => {
    return (bytes) => {
      const copy = bytes.slice();
      if (at + size > copy.length) return copy;
      const view = new DataView(copy.buffer, copy.byteOffset);
      if (size === 1) view.setUint8(at, value);
      else if (size === 2) view.setUint16(at, value, isLittle);
      else view.setUint32(at, value, isLittle);
      return copy;
    };
  }),
  place.map(
    (length): Mutation =>
      (bytes) =>
        bytes.slice(0, length),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 64 })).map(([at, count]): Mutation => (bytes) => {
    return concat(bytes.subarray(0, at), bytes.subarray(at + count));
  }),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 64 })).map(([at, inserted]): Mutation => (bytes) => {
    return concat(bytes.subarray(0, at), inserted, bytes.subarray(at));
  }),
  fc.tuple(place, place, fc.integer({ min: 1, max: 400 })).map(([from, to, count]): Mutation => (bytes) => {
    return concat(bytes.subarray(0, to), bytes.subarray(from, from + count), bytes.subarray(to));
  }),
);

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Real captures, ours or just generated, with up to eight kinds of damage. */
export const damagedCaptures: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.oneof(fc.constantFrom(...samples), generated), fc.array(mutation, { maxLength: 8 }))
  .map(([bytes, mutations]) => mutations.reduce((damaged, mutate) => mutate(damaged), bytes));
