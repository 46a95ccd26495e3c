/**
 * Decodes a million packets and prints what it cost, as JSON: a program of its own, bundled and run by allocation.test.ts.
 * Garbage collections are counted by the runtime; times are for reading, nothing depends on them.
 */
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { decode } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded } from '../../src/wire/decoded.js';
import { arp, ethernet, geneve, ipv4, ipv6, tcp, udp, vxlan, zeros, type Bytes } from './packets.js';

const WARM_UP = 300_000;
const PACKETS = 1_000_000;

const plainTcp = ethernet(0x0800, ipv4({ protocol: 6 }, tcp(zeros(40), [1, 1, 8, 10, ...zeros(8)])));
const plainUdp = ethernet(0x0800, ipv4({ protocol: 17 }, udp(40000, 53, [0x12, 0x34, 1, ...zeros(30)])));
const tcpOverIpv6 = ethernet(0x86dd, ipv6(6, tcp(zeros(40))));
const wireguard = ethernet(0x0800, ipv4({ protocol: 17 }, udp(51820, 51820, [4, ...zeros(79)])));
const inVxlan = (frame: Bytes, port: number): Bytes => {
  return ethernet(0x0800, ipv4({ protocol: 17 }, udp(50000, port, vxlan(42, frame))));
};
const inGeneve = ethernet(0x0800, ipv4({ protocol: 17 }, udp(50000, 6081, geneve(7, 0x6558, plainTcp))));
const damaged = ethernet(0x0800, ipv4({ protocol: 6 }, [1, 2, 3]));

const MIXES: ReadonlyMap<string, readonly Bytes[]> = new Map([
  ['tcp', [plainTcp]],
  ['vxlan', [inVxlan(plainTcp, 4789)]],
  ['mixed', [plainTcp, inVxlan(plainTcp, 8472), plainTcp, inVxlan(plainTcp, 4789), plainUdp]],
  [
    'everything',
    [
      plainTcp,
      plainUdp,
      tcpOverIpv6,
      wireguard,
      inVxlan(plainTcp, 8472),
      inVxlan(tcpOverIpv6, 7000),
      inGeneve,
      arp(),
      damaged,
    ],
  ],
]);

let collections = 0;
new PerformanceObserver((list) => (collections += list.getEntries().length)).observe({ entryTypes: ['gc'] });

/** Decodes `count` packets, round and round; returns a sum so that nothing is optimised away. */
function run(view: DataView, starts: Int32Array, count: number, options: DecodeOptions, d: Decoded): number {
  let sum = 0;
  const packets = starts.length - 1;
  for (let i = 0, k = 0; i < count; i++) {
    const at = starts[k]!;
    const length = starts[k + 1]! - at;
    decode(view, at, length, length, 1, options, d);
    sum = (sum + d.depth + d.levels[0]!.payloadLength) | 0;
    k = k + 1 === packets ? 0 : k + 1;
  }
  return sum;
}

const results: Record<string, { collections: number; nanoseconds: number; sum: number }> = {};
for (const [name, mix] of MIXES) {
  const packets = Array.from({ length: 1000 }, (_, i) => mix[i % mix.length]!);
  const starts = new Int32Array(packets.length + 1);
  packets.forEach((packet, i) => (starts[i + 1] = starts[i]! + packet.length));
  const view = new DataView(Uint8Array.from(packets.flat()).buffer);
  const options = new DecodeOptions();
  const d = new Decoded();
  run(view, starts, WARM_UP, options, d);
  await new Promise((resolve) => setTimeout(resolve, 20));
  collections = 0;
  const before = performance.now();
  const sum = run(view, starts, PACKETS, options, d);
  const nanoseconds = ((performance.now() - before) * 1e6) / PACKETS;
  await new Promise((resolve) => setTimeout(resolve, 20));
  results[name] = { collections, nanoseconds: Math.round(nanoseconds * 10) / 10, sum };
}
console.log(JSON.stringify(results));
