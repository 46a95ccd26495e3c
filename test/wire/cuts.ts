/** What must hold for a packet that the capture cut off anywhere. */
import { expect } from '@jest/globals';
import { Level } from '../../src/wire/decoded.js';
import { STOP } from '../../src/wire/stop.js';
import { describeStop } from '../../src/wire/stop-description.js';
import { type Bytes, type DecodeCall, decodeBytes, snapshot } from './packets.js';

/** Fields that say how much was captured, or how far understanding went. */
const CUT_DEPENDENT = new Set(['payloadAt', 'payloadCaptured', 'payloadLength', 'vlanCount']);
const INITIAL = { ...new Level() };

/**
 * Decodes the packet cut after every number of bytes. Each cut must not read behind its end (the view ends there, and garbage
 * behind it changes nothing), must call itself truncated and not malformed, and must keep what the whole packet says.
 */
export function expectEveryCutToBeSafe(bytes: Bytes, call: DecodeCall = {}): void {
  const whole = decodeBytes(bytes, call);
  for (let captured = 0; captured < bytes.length; captured++) {
    const cut = decodeBytes(bytes, { ...call, captured });
    const beforeGarbage = decodeBytes(bytes, { ...call, captured, garbageBehind: 64 });
    expect(JSON.stringify(snapshot(beforeGarbage))).toBe(JSON.stringify(snapshot(cut)));
    if (cut.stop !== 0 && cut.stop !== whole.stop) expect(describeStop(cut.stop)?.kind).toBe('truncated');
    expect(cut.depth).toBeLessThanOrEqual(whole.depth);
    for (let i = 0; i < cut.depth; i++) expectPartOf(cut.levels[i]!, whole.levels[i]!, cut.stop);
  }
}

/** Every field of `part` is that of `whole`, or was not reached. */
function expectPartOf(part: Level, whole: Level, stop: number): void {
  for (const [name, value] of Object.entries(part) as [keyof Level, number][]) {
    if (CUT_DEPENDENT.has(name)) continue;
    // Behind a cut extension header the final protocol is not known.
    if (name === 'protocol' && stop === STOP.TruncatedExtension) continue;
    if (value !== INITIAL[name] && value !== whole[name]) expect({ [name]: value }).toEqual({ [name]: whole[name] });
  }
  expect(part.vlanCount).toBeLessThanOrEqual(whole.vlanCount);
  expect(part.payloadCaptured).toBeLessThanOrEqual(whole.payloadCaptured);
}
