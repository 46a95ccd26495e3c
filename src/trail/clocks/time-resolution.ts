/**
 * To which multiples captures cut their times. What a file claims says too little: files of nanoseconds may hold microseconds that
 * another program had cut. So the times themselves are asked: the largest power of ten that divides all of them.
 */
import type { SampleSet } from '../sample-set.js';

const WHOLE_SECONDS = 1e9;

/** By vantage point, in nanoseconds: times may be too early by less than this. `vantages` are those of the flows. */
export function timeResolutions(samples: SampleSet, vantages: Int32Array): Float64Array {
  const resolutions = new Float64Array(vantages.reduce((most, vantage) => Math.max(most, vantage), -1) + 1);
  resolutions.fill(WHOLE_SECONDS);
  for (let i = 0; i < samples.length; i++) {
    samples.load(i);
    const vantage = vantages[samples.flow]!;
    while (samples.nanoseconds % resolutions[vantage]! !== 0) resolutions[vantage] = resolutions[vantage]! / 10;
  }
  return resolutions;
}
