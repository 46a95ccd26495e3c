/**
 * Sets of addresses: those that any of several blocks holds: for IPv4 disjoint intervals in order, searched by halves; for IPv6, where
 * policies have few, the blocks themselves.
 */
import { type AddressWords, blockContains, type Cidr, type IpBlock } from '../ip-block.js';

export class AddressSet {
  /** First and last address of each IPv4 interval, ascending, as unsigned numbers. */
  readonly intervals: Float64Array;
  private readonly ipv6: readonly IpBlock[];

  constructor(blocks: readonly IpBlock[]) {
    const intervals = union(blocks.filter(({ cidr }) => cidr.family === 4).flatMap(intervalsOf));
    this.intervals = Float64Array.from(intervals.flat());
    this.ipv6 = blocks.filter(({ cidr }) => cidr.family === 6);
  }

  has(address: AddressWords): boolean {
    if (address.family === 6) return this.ipv6.some((block) => blockContains(block, address));
    const value = address.words[0] >>> 0;
    const { intervals } = this;
    let low = 0;
    let high = intervals.length >> 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (intervals[middle * 2]! <= value) low = middle + 1;
      else high = middle;
    }
    return low > 0 && value <= intervals[low * 2 - 1]!;
  }
}

type Interval = readonly [number, number];

function intervalOf({ values, prefix }: Cidr): Interval {
  const start = values[0] >>> 0;
  return [start, start + 2 ** (32 - prefix) - 1];
}

/** What is left of the block between its exceptions. */
function intervalsOf({ cidr, except }: IpBlock): Interval[] {
  const [first, last] = intervalOf(cidr);
  const left: Interval[] = [];
  let from = first;
  for (const [start, end] of union(except.map(intervalOf))) {
    if (start > from) left.push([from, start - 1]);
    from = end + 1;
  }
  if (from <= last) left.push([from, last]);
  return left;
}

/** The same addresses as disjoint intervals in order. */
function union(intervals: readonly Interval[]): Interval[] {
  const result: [number, number][] = [];
  for (const [start, end] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && start <= last[1] + 1) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}
