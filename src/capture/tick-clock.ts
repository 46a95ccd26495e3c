/**
 * Timestamps of pcapng: a 64-bit count of ticks, given as two 32-bit halves, to seconds and nanoseconds, exactly.
 *
 * The length of a tick is if_tsresol's: 10^-n or 2^-n seconds, n up to 127. One double holds 53 bits, so the division is done
 * as on paper, in digits of 16 bits whose intermediate results all stay below 2^53; for integers below 2^53
 * Math.floor(a / b) is exact. Fractions finer than a nanosecond are cut off. Nothing here allocates.
 */

const TWO_16 = 0x10000;
const TWO_32 = 0x1_0000_0000;
/** Below this upper half, the whole count fits in a double (2^53). */
const EXACT_HIGH = 0x20_0000;
const NANOSECONDS = 1_000_000_000;
const NANOSECOND_EXPONENT = 9;
/** Largest power of ten that one step of the division takes: 10^11 × 2^16 < 2^53. */
const LARGEST_STEP_EXPONENT = 11;

const BINARY_FLAG = 0x80;
const EXPONENT_MASK = 0x7f;
/** Microseconds: what holds without an if_tsresol option. */
export const DEFAULT_RESOLUTION = 6;
export const NANOSECOND_RESOLUTION = 9;

const DECIMAL = 0;
const FINER_THAN_NANOSECONDS = 1;
const BINARY = 2;

export class TickClock {
  /** The last timestamp converted (base/time.ts). */
  seconds = 0;
  nanoseconds = 0;
  readonly ticksPerSecond: number;
  private readonly offsetSeconds: number;
  private readonly kind: number;
  private readonly exponent: number;
  private readonly nanosecondsPerTick: number;
  /** Quotient halves and remainder of the last divide(). */
  private high = 0;
  private low = 0;
  private remainder = 0;

  /** `resolution` is the byte of if_tsresol, `offsetSeconds` the value of if_tsoffset. */
  constructor(resolution: number, offsetSeconds: number) {
    this.exponent = resolution & EXPONENT_MASK;
    const isBinary = (resolution & BINARY_FLAG) !== 0;
    this.kind = isBinary ? BINARY : this.exponent <= NANOSECOND_EXPONENT ? DECIMAL : FINER_THAN_NANOSECONDS;
    this.ticksPerSecond = (isBinary ? 2 : 10) ** this.exponent;
    this.nanosecondsPerTick = this.kind === DECIMAL ? NANOSECONDS / this.ticksPerSecond : 0;
    this.offsetSeconds = offsetSeconds;
  }

  /** Converts the count `high` × 2^32 + `low` (both unsigned) to `seconds` and `nanoseconds`. */
  set(high: number, low: number): void {
    if (this.kind !== DECIMAL) {
      if (this.kind === BINARY) this.setBinary(high, low);
      else this.setFine(high, low);
    } else if (high < EXACT_HIGH) {
      const ticks = high * TWO_32 + low;
      const seconds = Math.floor(ticks / this.ticksPerSecond);
      this.nanoseconds = (ticks - seconds * this.ticksPerSecond) * this.nanosecondsPerTick;
      this.seconds = seconds + this.offsetSeconds;
    } else {
      this.divide(high, low, this.ticksPerSecond);
      this.seconds = this.high * TWO_32 + this.low + this.offsetSeconds;
      this.nanoseconds = this.remainder * this.nanosecondsPerTick;
    }
  }

  /** More than 9 decimals: to whole nanoseconds first. */
  private setFine(high: number, low: number): void {
    this.high = high;
    this.low = low;
    let surplus = this.exponent - NANOSECOND_EXPONENT;
    while (surplus > 0 && (this.high !== 0 || this.low !== 0)) {
      const step = Math.min(surplus, LARGEST_STEP_EXPONENT);
      this.divide(this.high, this.low, 10 ** step);
      surplus -= step;
    }
    this.divide(this.high, this.low, NANOSECONDS);
    this.seconds = this.high * TWO_32 + this.low + this.offsetSeconds;
    this.nanoseconds = this.remainder;
  }

  private setBinary(high: number, low: number): void {
    const exponent = this.exponent;
    if (exponent > 64) {
      // Less than a second in all: ticks × 10^9 / 2^64, then the rest of the shift.
      const excess = exponent - 64;
      this.seconds = this.offsetSeconds;
      this.nanoseconds = excess > 30 ? 0 : this.nanosecondsOfFraction(high, low) >>> excess;
    } else if (exponent > 32) {
      const unit = 2 ** (exponent - 32);
      const seconds = Math.floor(high / unit);
      // The fraction, moved up so that its first bit is bit 63.
      const scale = TWO_32 / unit;
      const rest = (high - seconds * unit) * scale;
      const lowShifted = low * scale;
      const carry = Math.floor(lowShifted / TWO_32);
      this.seconds = seconds + this.offsetSeconds;
      this.nanoseconds = this.nanosecondsOfFraction(rest + carry, lowShifted - carry * TWO_32);
    } else {
      const unit = 2 ** exponent;
      const lowSeconds = Math.floor(low / unit);
      this.seconds = high * (TWO_32 / unit) + lowSeconds + this.offsetSeconds;
      this.nanoseconds = this.nanosecondsOfFraction((low - lowSeconds * unit) * (TWO_32 / unit), 0);
    }
  }

  /** floor((high × 2^32 + low) × 10^9 / 2^64), in digits of 16 bits. */
  private nanosecondsOfFraction(high: number, low: number): number {
    let carry = Math.floor(((low % TWO_16) * NANOSECONDS) / TWO_16);
    carry = Math.floor((Math.floor(low / TWO_16) * NANOSECONDS + carry) / TWO_16);
    carry = Math.floor(((high % TWO_16) * NANOSECONDS + carry) / TWO_16);
    return Math.floor((Math.floor(high / TWO_16) * NANOSECONDS + carry) / TWO_16);
  }

  /** Divides by `divisor` < 2^37 into the fields `high`, `low` and `remainder`; every quotient digit is below 2^16. */
  private divide(high: number, low: number, divisor: number): void {
    const quotientHigh = Math.floor(high / divisor);
    const middle = (high - quotientHigh * divisor) * TWO_16 + Math.floor(low / TWO_16);
    const quotientMiddle = Math.floor(middle / divisor);
    const last = (middle - quotientMiddle * divisor) * TWO_16 + (low % TWO_16);
    const quotientLast = Math.floor(last / divisor);
    this.high = quotientHigh;
    this.low = quotientMiddle * TWO_16 + quotientLast;
    this.remainder = last - quotientLast * divisor;
  }
}

/** The inverse, for writing: the 64-bit count of ticks of a timestamp, cut to 64 bits. */
export function ticksOf(seconds: number, nanoseconds: number, resolution: number): bigint {
  const exponent = BigInt(resolution & EXPONENT_MASK);
  const ticksPerSecond = (resolution & BINARY_FLAG) !== 0 ? 2n ** exponent : 10n ** exponent;
  const ticks = BigInt(seconds) * ticksPerSecond + (BigInt(nanoseconds) * ticksPerSecond) / BigInt(NANOSECONDS);
  return BigInt.asUintN(64, ticks);
}
