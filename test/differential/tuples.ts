/**
 * Both sides brought to tshark's definition of a stream: flows of the same address and port pair together, whatever VLAN, VNI,
 * interface or depth of tunnels they were seen in, and however podtrail divides datagrams in time.
 *
 * tshark counts a fragmented datagram once, at the fragment with the ports; podtrail counts every fragment whose first one was
 * captured. The later fragments are added to tshark's side from its columns.
 */
import { type Expected, type ExpectedFlow, type Frame } from './expected.js';
import type { OurFlow } from './our-flows.js';

/** Packets and bytes that the lower and the upper end of a tuple sent. */
export interface Counts {
  readonly packets: [number, number];
  readonly bytes: [number, number];
}

export interface Tuple {
  /** One per stream or flow, in order of time. */
  readonly tshark: Counts[];
  readonly podtrail: Counts[];
  /** Vantage points and encapsulations at which podtrail saw it. */
  readonly places: Set<string>;
}

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
]);

/** Every tuple of either side by its name, `tcp 10.0.0.1/80 10.0.0.2/1234`. */
export function tuplesOf(expected: Expected, frames: readonly Frame[], ours: readonly OurFlow[]): Map<string, Tuple> {
  const tuples = new Map<string, Tuple>();
  const tupleAt = (key: string): Tuple => {
    const found = tuples.get(key) ?? { tshark: [], podtrail: [], places: new Set<string>() };
    tuples.set(key, found);
    return found;
  };
  for (const flow of flowsToCompare(expected)) {
    const { key, isSwapped } = nameOf(flow.proto, `${flow.a}/${flow.a_port}`, `${flow.b}/${flow.b_port}`);
    tupleAt(key).tshark.push({
      packets: inOrder([flow.a_to_b.packets, flow.b_to_a.packets], isSwapped),
      bytes: inOrder([flow.a_to_b.bytes, flow.b_to_a.bytes], isSwapped),
    });
  }
  addLaterFragments(tuples, frames);
  const byStart = [...ours].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  for (const flow of byStart) {
    const protocol = PROTOCOLS.get(flow.protocol);
    if (protocol === undefined) continue;
    const { key, isSwapped } = nameOf(protocol, ...flow.ends);
    const tuple = tupleAt(key);
    tuple.podtrail.push({ packets: inOrder(flow.packets, isSwapped), bytes: inOrder(flow.wireBytes, isSwapped) });
    tuple.places.add(flow.place);
  }
  return tuples;
}

/** One line per tuple that differs. */
export function differencesOf(tuples: ReadonlyMap<string, Tuple>): string[] {
  const lines: string[] = [];
  for (const [key, tuple] of tuples) {
    const [tshark, podtrail] = [describe(key, tuple, tuple.tshark), describe(key, tuple, tuple.podtrail)];
    if (tshark !== podtrail) lines.push(`${key}: tshark ${tshark}, podtrail ${podtrail}`);
  }
  return lines.sort();
}

/**
 * TCP seen at one place is compared stream by stream, so that reused ports are told apart alike. Otherwise the sums are
 * compared: tshark merges places, and never ends a datagram stream.
 */
function describe(key: string, { places }: Tuple, streams: readonly Counts[]): string {
  if (streams.length === 0) return 'nothing';
  const isEachCompared = key.startsWith('tcp') && places.size <= 1;
  return (isEachCompared ? streams : [sumOf(streams)])
    .map(({ packets, bytes }) => `${packets.join('+')} packets of ${bytes.join('+')} bytes`)
    .join(' then ');
}

function sumOf(all: readonly Counts[]): Counts {
  const sum: Counts = { packets: [0, 0], bytes: [0, 0] };
  for (const { packets, bytes } of all) {
    for (const end of [0, 1] as const) {
      sum.packets[end] += packets[end];
      sum.bytes[end] += bytes[end];
    }
  }
  return sum;
}

function flowsToCompare(expected: Expected): readonly ExpectedFlow[] {
  const flows = expected.without_secrets?.flows ?? expected.flows_no_defragment ?? expected.flows;
  return [...flows].sort((a, b) => Number(a.first_frame) - Number(b.first_frame));
}

function nameOf(protocol: string, a: string, b: string): { key: string; isSwapped: boolean } {
  const isSwapped = a > b;
  return { key: isSwapped ? `${protocol} ${b} ${a}` : `${protocol} ${a} ${b}`, isSwapped };
}

function inOrder(pair: readonly [number, number], isSwapped: boolean): [number, number] {
  return isSwapped ? [pair[1], pair[0]] : [pair[0], pair[1]];
}

interface Fragment {
  /** Addresses, protocol and identification. */
  readonly datagram: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly offset: number;
  readonly bytes: number;
  /** Shown where tshark put the datagram together. */
  readonly ports: readonly [string, string] | null;
}

/** The outermost level of a frame, if it is a fragment. */
function fragmentOf(frame: Frame): Fragment | null {
  const isIpv6 = frame('ipv6.fraghdr.ident').length > 0;
  const prefix = isIpv6 ? 'ipv6' : 'ip';
  const first = (field: string): string => frame(field)[0] ?? '';
  const offset = Number(first(isIpv6 ? 'ipv6.fraghdr.offset' : 'ip.frag_offset'));
  const hasMore = first(isIpv6 ? 'ipv6.fraghdr.more' : 'ip.flags.mf') === '1';
  if (offset === 0 && !hasMore) return null;
  const [source, destination] = [first(`${prefix}.src`), first(`${prefix}.dst`)];
  // Of an IPv6 fragment, the columns do not name the protocol. Where tshark put a datagram together, they go on with what it held.
  const named = PROTOCOLS.get(Number(first('ip.proto'))) ?? '';
  const protocol = isIpv6 ? (['tcp', 'udp', 'sctp'].find((name) => first(`${name}.srcport`) !== '') ?? '') : named;
  const hasPorts = protocol !== '' && first(`${protocol}.srcport`) !== '';
  return {
    datagram: `${source} ${destination} ${isIpv6 ? first('ipv6.fraghdr.ident') : `${first('ip.id')} ${protocol}`}`,
    source,
    destination,
    protocol,
    offset,
    bytes: Number(first('frame.len')),
    ports: hasPorts ? [first(`${protocol}.srcport`), first(`${protocol}.dstport`)] : null,
  };
}

/** Adds the later fragments of every datagram whose first fragment is there to the tuple of the datagram. */
function addLaterFragments(tuples: ReadonlyMap<string, Tuple>, frames: readonly Frame[]): void {
  const datagrams = new Map<string, Fragment[]>();
  for (const frame of frames) {
    const fragment = fragmentOf(frame);
    if (fragment === null) continue;
    const known = datagrams.get(fragment.datagram);
    if (known === undefined) datagrams.set(fragment.datagram, [fragment]);
    else known.push(fragment);
  }
  for (const fragments of datagrams.values()) {
    if (!fragments.some(({ offset }) => offset === 0)) continue;
    const found = tupleOf(tuples, fragments);
    if (found === null) continue;
    for (const { offset, bytes } of fragments) {
      if (offset === 0) continue;
      found.stream.packets[found.sender]++;
      found.stream.bytes[found.sender] += bytes;
    }
  }
}

/** By its ports if tshark shows them, else the only tuple between the addresses. */
function tupleOf(
  tuples: ReadonlyMap<string, Tuple>,
  fragments: readonly Fragment[],
): { stream: Counts; sender: 0 | 1 } | null {
  const { source, destination } = fragments[0]!;
  const withPorts = fragments.find(({ ports }) => ports !== null);
  for (const [key, { tshark }] of tuples) {
    const [protocol, low, high] = key.split(' ') as [string, string, string];
    const isFromLow = low.startsWith(`${source}/`) && high.startsWith(`${destination}/`);
    const isFromHigh = high.startsWith(`${source}/`) && low.startsWith(`${destination}/`);
    if (!isFromLow && !isFromHigh) continue;
    if (fragments[0]!.protocol !== '' && fragments[0]!.protocol !== protocol) continue;
    if (withPorts !== undefined) {
      const [from, to] = withPorts.ports!;
      const named = nameOf(withPorts.protocol, `${source}/${from}`, `${destination}/${to}`);
      if (named.key !== key) continue;
    }
    return { stream: tshark[0]!, sender: isFromLow ? 0 : 1 };
  }
  return null;
}
