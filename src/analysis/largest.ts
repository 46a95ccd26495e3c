/** The largest few of many, without sorting the many. */

/** The size that each of the `count` largest reaches: -Infinity if there are no more than these, Infinity for none. */
export function leastOfLargest(sizes: Float64Array, count: number): number {
  return sizes.length <= count ? -Infinity : (sizes.slice().sort()[sizes.length - count] ?? Infinity);
}

/** Indexes of the `count` largest of `sizes`, in the order of `compare`, which has to put larger ones first. */
export function indexesOfLargest(
  sizes: Float64Array,
  count: number,
  compare: (a: number, b: number) => number,
): number[] {
  const smallest = leastOfLargest(sizes, count);
  const indexes: number[] = [];
  for (let index = 0; index < sizes.length; index++) if (sizes[index]! >= smallest) indexes.push(index);
  return indexes.sort(compare).slice(0, count);
}
