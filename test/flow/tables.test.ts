/** The tables under the flows, against a Map: interned tuples and addresses, encapsulations, packed rows. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { AddressTable, FAMILY_IPV4, FAMILY_IPV6 } from '../../src/base/address.js';
import { CompactRows } from '../../src/flow/compact-rows.js';
import { BARE, EncapsulationTable } from '../../src/flow/encapsulations.js';
import { EXTRAS, isDoubleWord, STRIDE } from '../../src/flow/flow-row.js';
import { InternTable } from '../../src/flow/intern-table.js';
import { ENCAPSULATION } from '../../src/wire/decoded.js';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
/** Few values beside any: tuples must repeat. */
const field = fc.oneof(fc.constantFrom(-1, 0, 1, 2), int32);

/** Ids as a Map by text gives them. */
function naiveIds(tuples: readonly (readonly number[])[]): number[] {
  const ids = new Map<string, number>();
  return tuples.map((tuple) => {
    const key = tuple.join();
    const id = ids.get(key) ?? ids.size;
    ids.set(key, id);
    return id;
  });
}

describe('InternTable', () => {
  test('gives equal tuples equal ids from 0, and the tuples back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field, field, field, field), { maxLength: 300 }), (tuples) => {
        const table = new InternTable();
        const ids = tuples.map((tuple) => table.intern(...tuple));
        expect(ids).toEqual(naiveIds(tuples));
        expect(ids.map((id) => [0, 1, 2, 3, 4].map((index) => table.field(id, index)))).toEqual(tuples);
        expect(table.size).toBe(new Set(ids).size);
      }),
    );
  });

  test('grows to many', () => {
    const table = new InternTable();
    for (let round = 0; round < 2; round++) {
      const ids = Array.from({ length: 100_000 }, (_, i) => table.intern(i, -i, 0, i >> 3, 7));
      expect(ids.every((id, i) => id === i)).toBe(true);
    }
  });
});

describe('AddressTable', () => {
  const ipv4 = fc.oneof(fc.constantFrom(0, 1, -1), int32).map((word) => [FAMILY_IPV4, 0, 0, 0, word] as const);
  const ipv6 = fc.tuple(field, field, field, field).map((words) => [FAMILY_IPV6, ...words] as const);

  test('gives equal addresses equal ids from 0, families apart, and the words back', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(ipv4, ipv6), { maxLength: 300 }), (addresses) => {
        const table = new AddressTable();
        const ids = addresses.map(([family, w0, w1, w2, w3]) =>
          family === FAMILY_IPV4 ? table.internIpv4(w3) : table.internIpv6(w0, w1, w2, w3),
        );
        expect(ids).toEqual(naiveIds(addresses));
        expect(ids.map((id) => [table.family(id), ...[0, 1, 2, 3].map((word) => table.word(id, word))])).toEqual(
          addresses,
        );
      }),
    );
  });

  test('writes addresses as RFC 5952 says', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), ([family, w0, w1, w2, w3]) => {
        const table = new AddressTable();
        const id = family === FAMILY_IPV4 ? table.internIpv4(w3) : table.internIpv6(w0, w1, w2, w3);
        const text = table.text(id);
        const bytes = [w0, w1, w2, w3].flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 255));
        const expected = ipaddr.fromByteArray(family === FAMILY_IPV4 ? bytes.slice(12) : bytes);
        // ipaddr.js writes mapped addresses in hexadecimal; RFC 5952 section 5 wants dots.
        if (text.startsWith('::ffff:') && text.includes('.')) {
          expect(ipaddr.IPv6.parse(text).toString()).toBe(expected.toString());
        } else {
          expect(text).toBe(family === FAMILY_IPV4 ? expected.toString() : (expected as ipaddr.IPv6).toRFC5952String());
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('EncapsulationTable', () => {
  const step = fc.record({
    kind: fc.constantFrom(...Object.values(ENCAPSULATION)),
    tunnelId: fc.oneof(fc.constant(-1), fc.nat(0xffffff), int32),
    vlans: fc.array(fc.nat(4094), { maxLength: 3 }),
  });

  test('gives back what it was given, level by level', () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 20 }), (chains) => {
        const table = new EncapsulationTable();
        const known = new Map<string, number>();
        for (const chain of chains) {
          let id = BARE;
          let path = '';
          for (const { kind, tunnelId, vlans } of chain) {
            const parent = id;
            id = table.intern(parent, kind, tunnelId, vlans[0] ?? -1, vlans[1] ?? -1, vlans[2] ?? -1);
            // Nothing wrapped in nothing is nothing.
            if (parent === BARE && kind === ENCAPSULATION.None && vlans.length === 0) {
              expect(id).toBe(BARE);
              continue;
            }
            path += ` ${kind}/${tunnelId}/${vlans.join('.')}`;
            expect(known.get(path) ?? id).toBe(id);
            known.set(path, id);
            expect([table.parent(id), table.kind(id), table.tunnelId(id)]).toEqual([parent, kind, tunnelId]);
            expect([0, 1, 2].map((index) => table.vlan(id, index))).toEqual(
              [0, 1, 2].map((index) => vlans[index] ?? -1),
            );
          }
        }
        expect(new Set(known.values()).size).toBe(known.size);
      }),
    );
  });
});

describe('CompactRows', () => {
  /** What rows hold: int32 words, and doubles that are whole numbers. */
  const row = fc.array(
    fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, int32, fc.integer({ min: -(2 ** 45), max: 2 ** 51 })),
    {
      minLength: STRIDE,
      maxLength: STRIDE,
    },
  );

  function fill(words: Int32Array, doubles: Float64Array, at: number, values: readonly number[]): void {
    for (let i = 0; i < STRIDE; i++) {
      if (!isDoubleWord(i)) words[at + i] = values[i]!;
      else if (i % 2 === 0) doubles[(at + i) / 2] = values[i]!;
    }
  }

  test('gives every row back exactly, with the extras it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, fc.nat(1_000_000)), { minLength: 1, maxLength: 20 }), (rows) => {
        const compact = new CompactRows();
        const buffer = new ArrayBuffer(rows.length * STRIDE * 4);
        const words = new Int32Array(buffer);
        const doubles = new Float64Array(buffer);
        rows.forEach(([values, extras], index) => {
          fill(words, doubles, index * STRIDE, values);
          compact.append(words, index * STRIDE, doubles, extras);
        });
        expect(compact.count).toBe(rows.length);
        const scratch = new ArrayBuffer(STRIDE * 4);
        rows.forEach(([, extras], index) => {
          compact.load(index, new Int32Array(scratch), new Float64Array(scratch));
          const expected = new Int32Array(buffer.slice(index * STRIDE * 4, (index + 1) * STRIDE * 4));
          expected[EXTRAS] = extras;
          expect(new Int32Array(scratch)).toEqual(expected);
        });
      }),
    );
  });

  test('holds more rows than fit one chunk', () => {
    const compact = new CompactRows();
    const buffer = new ArrayBuffer(STRIDE * 4);
    const words = new Int32Array(buffer);
    const doubles = new Float64Array(buffer);
    const COUNT = 30_000;
    for (let index = 0; index < COUNT; index++) {
      fill(words, doubles, 0, new Array<number>(STRIDE).fill(index * 70_001));
      compact.append(words, 0, doubles, index);
    }
    expect(compact.bytes).toBeGreaterThan(2 ** 21);
    for (let index = 0; index < COUNT; index += 37) {
      compact.load(index, words, doubles);
      expect([words[0], words[EXTRAS], doubles[5]]).toEqual([(index * 70_001) | 0, index, index * 70_001]);
    }
  });
});
