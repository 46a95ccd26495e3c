/**
 * Bounds for pairs of nodes whose packets were seen on both one way only. An acknowledgement that leaves one node proves that what it
 * acknowledges had arrived there, and so had been sent by the other node before: that node's capture shows when. A coarser bound
 * than a packet seen on both, since it holds the time that the receiver took.
 */
import { KeyTable } from '../key-table.js';
import type { SampleSet } from '../sample-set.js';
import type { CrossingTimes, NodePair } from './node-pair.js';

const FIN = 1;
const SYN = 2;
const ACK = 16;
const NO_SAMPLE = -1;

/** Adds what acknowledgements tell to those of the pairs that lack a way. `slack` (ns): times may be cut by so much. */
export function addAcknowledgements(pairs: readonly NodePair[], samples: SampleSet, slack: number): void {
  const lacking = pairs.filter(({ toFirst, toSecond }) => toFirst.count === 0 || toSecond.count === 0);
  if (lacking.length === 0) return;
  const sent = firstTimes(samples);
  for (const pair of lacking) {
    const { toFirst, toSecond } = pair;
    const isToSecond = toSecond.count > 0;
    const known = isToSecond ? toSecond : toFirst;
    const wanted = isToSecond ? toFirst : toSecond;
    for (let i = 0; i < known.count; i++) {
      const time = timeOfAcknowledged(known, i, samples, sent);
      if (time === null) continue;
      if (isToSecond) wanted.add(known.atFirst[i]! + slack, time, NO_SAMPLE);
      else wanted.add(time, known.atSecond[i]! + slack, NO_SAMPLE);
    }
    pair.usesAcknowledgements = wanted.count > 0;
  }
}

/** When the node that a packet reached had sent what it acknowledges. */
function timeOfAcknowledged(known: CrossingTimes, i: number, samples: SampleSet, sent: KeyTable): number | null {
  samples.load(known.samples[i]!);
  if (!samples.isTcp || (samples.tcpFlags & ACK) === 0) return null;
  const way = samples.flow * 2 + (1 - samples.direction);
  return sent.find(way, samples.acknowledgement) < 0 ? null : sent.timeOf(way, samples.acknowledgement);
}

/** When each flow's direction first showed a segment, by the sequence number behind it. */
function firstTimes(samples: SampleSet): KeyTable {
  const sent = new KeyTable(samples.length);
  for (let i = 0; i < samples.length; i++) {
    samples.load(i);
    const takesOne = (samples.tcpFlags & (SYN | FIN)) !== 0 ? 1 : 0;
    if (!samples.isTcp || samples.payloadLength + takesOne === 0) continue;
    const way = samples.flow * 2 + samples.direction;
    const end = (samples.sequence + samples.payloadLength + takesOne) | 0;
    const { time } = samples;
    const before = sent.exchange(way, end, samples.flow, time);
    if (before >= 0 && sent.replacedTime < time) sent.exchange(way, end, samples.flow, sent.replacedTime);
  }
  return sent;
}
