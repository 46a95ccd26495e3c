/**
 * What points above and below say of a straight line: how far one clock is ahead of another, over time.
 *
 * A packet's difference of times is an upper bound for the offset, one the other way a lower bound, and between steps of a clock the
 * offset is a line in time. Only the lower hull of the upper points and the upper hull of the lower ones can touch it (Zhang, Liu,
 * Xia, "Clock synchronization algorithms for network measurements", INFOCOM 2002). For a given slope the highest and the lowest
 * line are found by looking through the hulls, and all that is asked for is concave or convex in the slope: so the linear programme
 * (Moon, Skelly, Towsley, "Estimation and removal of clock skew from network delay measurements", INFOCOM 1999) is a search in one
 * dimension.
 *
 * Abscissae and ordinates are nanoseconds, slopes have no unit.
 */

/** No clock runs faster or slower than another by more: what adjtimex(2) lets a daemon correct. */
export const LARGEST_SLOPE = 500e-6;
/** Halvings after which a slope is exact beyond what nanoseconds in a day can show. */
const HALVINGS = 64;

/** Upper and lower bounds at moments, in order of x; equal x are allowed. */
export interface Constraints {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** 1: upper bound, 0: lower one. */
  readonly isUpper: Uint8Array;
}

/** Vertices of a hull, in order of x, and which constraints they are. */
export interface Hull {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly index: readonly number[];
}

/**
 * Of constraints from..until-1 without those in `without`: the lower hull of the upper bounds (`isUpper` 1) or the upper hull of the lower ones
 * (0), by Andrew's monotone chain.
 */
export function hullOf(
  constraints: Constraints,
  isUpper: 0 | 1,
  from: number,
  until: number,
  without: ReadonlySet<number>,
): Hull {
  const sign = isUpper === 1 ? 1 : -1;
  const hull = { x: [] as number[], y: [] as number[], index: [] as number[] };
  for (let i = from; i < until; i++) {
    if (constraints.isUpper[i] !== isUpper || without.has(i)) continue;
    const x = constraints.x[i]!;
    const y = constraints.y[i]!;
    while (hull.x.length > 0 && isAbove(hull, x, y, sign)) {
      hull.x.pop();
      hull.y.pop();
      hull.index.pop();
    }
    if (hull.x.at(-1) === x) continue;
    hull.x.push(x);
    hull.y.push(y);
    hull.index.push(i);
  }
  return hull;
}

/** True if the last vertex cannot be one once (x, y) is: it is not on the outer side of the line to it, or worse at the same x. */
function isAbove(hull: Hull, x: number, y: number, sign: number): boolean {
  const last = hull.x.length - 1;
  if (hull.x[last] === x) return sign * (hull.y[last]! - y) > 0;
  return last > 0 && sign * turn(hull.x, hull.y, x, y) <= 0;
}

/** Positive if the way from the last two vertices to a further point turns left. */
function turn(x: readonly number[], y: readonly number[], px: number, py: number): number {
  const last = x.length - 1;
  const dx = x[last]! - x[last - 1]!;
  const dy = y[last]! - y[last - 1]!;
  return dx * (py - y[last - 1]!) - dy * (px - x[last - 1]!);
}

/** All lines below the upper points and above the lower ones. */
export class LineBounds {
  /** The slopes that such lines have. */
  readonly lowestSlope: number;
  readonly highestSlope: number;
  private readonly uppers: Hull;
  private readonly lowers: Hull;

  /** `slope` is that of one of them; `uppers` and `lowers` are hulls. */
  constructor(uppers: Hull, lowers: Hull, slope: number) {
    this.uppers = uppers;
    this.lowers = lowers;
    this.lowestSlope = this.extremeSlope(slope, -LARGEST_SLOPE);
    this.highestSlope = this.extremeSlope(slope, LARGEST_SLOPE);
  }

  /** The highest value of any of the lines at x; Infinity without upper points. */
  highestAt(x: number): number {
    if (this.uppers.x.length === 0) return Infinity;
    let low = this.lowestSlope;
    let high = this.highestSlope;
    for (let i = 0; i < HALVINGS; i++) {
      const slope = (low + high) / 2;
      if (this.uppers.x[lowestIndex(this.uppers, slope)]! < x) low = slope;
      else high = slope;
    }
    return Math.max(this.ceiling(low) + low * x, this.ceiling(high) + high * x);
  }

  /** The lowest value of any of the lines at x; -Infinity without lower points. */
  lowestAt(x: number): number {
    if (this.lowers.x.length === 0) return -Infinity;
    let low = this.lowestSlope;
    let high = this.highestSlope;
    for (let i = 0; i < HALVINGS; i++) {
      const slope = (low + high) / 2;
      if (this.lowers.x[highestIndex(this.lowers, slope)]! > x) low = slope;
      else high = slope;
    }
    return Math.min(this.floor(low) + low * x, this.floor(high) + high * x);
  }

  /** The highest horizontal line, whether or not it is above all lower points. */
  get constantHigh(): number {
    return this.ceiling(0);
  }

  get constantLow(): number {
    return this.floor(0);
  }

  private ceiling(slope: number): number {
    return intercept(this.uppers, lowestIndex(this.uppers, slope), slope, Infinity);
  }

  private floor(slope: number): number {
    return intercept(this.lowers, highestIndex(this.lowers, slope), slope, -Infinity);
  }

  private extremeSlope(possible: number, limit: number): number {
    if (this.ceiling(limit) >= this.floor(limit)) return limit;
    let inside = possible;
    let outside = limit;
    for (let i = 0; i < HALVINGS; i++) {
      const slope = (inside + outside) / 2;
      if (this.ceiling(slope) >= this.floor(slope)) inside = slope;
      else outside = slope;
    }
    return inside;
  }
}

/** The slope that leaves most room between the hulls, the room (negative: no line fits), and the points that limit it. */
export interface BestSlope {
  readonly slope: number;
  readonly room: number;
  /** The constraints that limit it. */
  readonly limits: readonly number[];
}

export function bestSlope(uppers: Hull, lowers: Hull): BestSlope {
  if (uppers.x.length === 0 || lowers.x.length === 0) return { slope: 0, room: Infinity, limits: [] };
  let low = -LARGEST_SLOPE;
  let high = LARGEST_SLOPE;
  for (let i = 0; i < HALVINGS; i++) {
    const slope = (low + high) / 2;
    // The room grows with the slope as long as what limits it from above lies earlier than what limits it from below.
    if (uppers.x[lowestIndex(uppers, slope)]! < lowers.x[highestIndex(lowers, slope)]!) low = slope;
    else high = slope;
  }
  const room = (slope: number): number =>
    intercept(uppers, lowestIndex(uppers, slope), slope, Infinity) -
    intercept(lowers, highestIndex(lowers, slope), slope, -Infinity);
  const slope = room(low) > room(high) ? low : high;
  const limits = [low, high].flatMap((each) => [
    uppers.index[lowestIndex(uppers, each)]!,
    lowers.index[highestIndex(lowers, each)]!,
  ]);
  return { slope, room: room(slope), limits: [...new Set(limits)] };
}

/** Where the line of this slope through a point meets x = 0. */
function intercept(points: Hull, index: number, slope: number, ifNone: number): number {
  return points.x.length === 0 ? ifNone : points.y[index]! - slope * points.x[index]!;
}

/** The point that the highest line of this slope below all points touches. */
function lowestIndex({ x, y }: Hull, slope: number): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (y[i]! - slope * x[i]! < y[best]! - slope * x[best]!) best = i;
  return best;
}

/** The point that the lowest line of this slope above all points touches. */
function highestIndex({ x, y }: Hull, slope: number): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (y[i]! - slope * x[i]! > y[best]! - slope * x[best]!) best = i;
  return best;
}
