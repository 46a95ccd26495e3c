/** The captures that benchmarks read, made when they are missing, kept in test/bench/data (not in git). */
import { existsSync, mkdirSync, renameSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../tools/shared.js';
import { type CaptureShape, largestSize, writeCapture, writePods } from './capgen.js';

export const DATA = join(repositoryRoot, 'test/bench/data');
/** Room that is left on the disk whatever is generated. */
const RESERVE = 2e9;

/** The capture of PERFORMANCE.md: 163,000 flows in 5,000,000 packets, 60 % of them inside VXLAN. */
export const STANDARD: CaptureShape = {
  packets: 5_000_000,
  connections: 20_000,
  vxlanPercent: 60,
  snapLength: 128,
  segments: 600,
};

/** The same with another number of packets. */
export const withPackets = (packets: number): CaptureShape => ({ ...STANDARD, packets });

/** Path of the capture; generates it first when it is not there. */
export function capture(shape: CaptureShape): string {
  const { packets, connections, vxlanPercent, snapLength, segments } = shape;
  const path = join(DATA, `${packets}-${connections}-${vxlanPercent}-${snapLength}-${segments}.pcap`);
  if (existsSync(path)) return path;
  mkdirSync(DATA, { recursive: true });
  const { bavail, bsize } = statfsSync(DATA);
  if (bavail * bsize < largestSize(shape) + RESERVE) {
    throw new Error(`${DATA} has not the ${Math.round(largestSize(shape) / 1e6)} MB free that ${path} may need.`);
  }
  process.stderr.write(`generating ${path}\n`);
  writeCapture(`${path}.part`, shape);
  renameSync(`${path}.part`, path);
  return path;
}

/** Path of the pods that all generated captures are about. */
export function pods(): string {
  const path = join(DATA, 'pods.json');
  mkdirSync(DATA, { recursive: true });
  if (!existsSync(path)) writePods(path);
  return path;
}
