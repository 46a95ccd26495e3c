/** The short way through the common frame must say what the ordinary decoders say, to the last field. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeCommonFrame } from '../../src/wire/common-frame.js';
import { decode } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded, resetLevel, resetPacket } from '../../src/wire/decoded.js';
import { decodeEthernet } from '../../src/wire/ethernet.js';

const LINKTYPE_ETHERNET = 1;
const LEAD = 3;

/** A frame that is common but for `changes`: bytes set to other values. */
function frameOf(
  protocol: number,
  ihl: number,
  total: number,
  changes: readonly (readonly [number, number])[],
): Buffer {
  const frame = Buffer.alloc(LEAD + 90, 0xa5);
  const ip = LEAD + 14;
  frame.writeUInt16BE(0x0800, LEAD + 12);
  frame[ip] = 0x40 | ihl;
  frame.writeUInt16BE(total, ip + 2);
  frame.writeUInt16BE(0x4000, ip + 6);
  frame[ip + 9] = protocol;
  const transport = ip + 20;
  if (protocol === 6) frame[transport + 12] = 0x80;
  else frame.writeUInt16BE(total - 20, transport + 4);
  for (const [at, value] of changes) frame[LEAD + at] = value;
  return frame;
}

const frames = fc
  .record({
    protocol: fc.constantFrom(6, 17, 1),
    ihl: fc.constantFrom(5, 5, 5, 6),
    total: fc.integer({ min: 28, max: 90 }),
    changes: fc.array(fc.tuple(fc.integer({ min: 12, max: 60 }), fc.integer({ min: 0, max: 255 })), { maxLength: 2 }),
    captured: fc.integer({ min: 30, max: 90 }),
    more: fc.integer({ min: 0, max: 30 }),
  })
  .map(({ protocol, ihl, total, changes, captured, more }) => {
    const frame = frameOf(protocol, ihl, total, changes);
    return { view: new DataView(frame.buffer, frame.byteOffset, frame.length), captured, wire: captured + more };
  });

type Frame = typeof frames extends fc.Arbitrary<infer T> ? T : never;

/** The same frame through the ordinary decoders, into fields that nothing was in before. */
function decodeOrdinarily({ view, captured, wire }: Frame): Decoded {
  const d = new Decoded();
  d.depth = 1;
  decodeEthernet(view, LEAD, LEAD + captured, LEAD + wire, d.levels[0]!, d);
  return d;
}

/** All that is valid of a packet outside its levels. */
function outsideLevels(d: Decoded): object {
  return { ...d, levels: null, innerAt: null, innerEncapsulation: null, innerTunnelId: null };
}

describe('the common frame', () => {
  test('decodes as the ordinary decoders do, whatever was in the fields before', () => {
    let common = 0;
    fc.assert(
      fc.property(frames, frames, (before, frame) => {
        const d = new Decoded();
        decode(before.view, LEAD, before.captured, before.wire, LINKTYPE_ETHERNET, new DecodeOptions(), d);
        resetPacket(d);
        d.depth = 1;
        const { view, captured, wire } = frame;
        const level = d.levels[0]!;
        const isCommon = decodeCommonFrame(view, LEAD, LEAD + captured, LEAD + wire, level, d);
        if (isCommon) common++;
        else {
          resetLevel(level);
          decodeEthernet(view, LEAD, LEAD + captured, LEAD + wire, level, d);
        }
        const expected = decodeOrdinarily(frame);
        expect(level).toEqual(expected.levels[0]);
        expect(outsideLevels(d)).toEqual(outsideLevels(expected));
      }),
      { numRuns: 3000 },
    );
    expect(common).toBeGreaterThan(100);
  });

  test('takes TCP with options, and UDP, and leaves fragments and IP options to others', () => {
    const take = (frame: Buffer): boolean => {
      const d = new Decoded();
      d.depth = 1;
      const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
      return decodeCommonFrame(view, LEAD, frame.length, frame.length, d.levels[0]!, d);
    };
    expect(take(frameOf(6, 5, 76, []))).toBe(true);
    expect(take(frameOf(17, 5, 76, []))).toBe(true);
    expect(take(frameOf(17, 5, 76, [[20, 0x20]]))).toBe(false);
    expect(take(frameOf(6, 6, 76, []))).toBe(false);
  });
});
