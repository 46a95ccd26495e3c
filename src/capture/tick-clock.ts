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
/** Largest power of ten that one step of the division takes: 10^11 × 2^16 < 2^53. */
const LARGEST_STEP_EXPONENT = 11;
const POWERS_OF_TEN = Float64Array.from({ length: LARGEST_STEP_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);

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
  /**
   * Halves of the number at hand (unsigned), and the remainder of the last division. They are fields because doubles that
   * are passed to a function, or returned by one, may be boxed.
   */
  private high = 0;
  private low = 0;
  private remainder = 0;

  /** `resolution` is the byte of if_tsresol, `offsetSeconds` the value of if_tsoffset. */
  constructor(resolution: number, offsetSeconds: number) {
    this.exponent = resolution & EXPONENT_MASK;
    const isBinary = (resolution & BINARY_FLAG) !== 0;
    this.kind = isBinary ? BINARY : this.exponent <= NANOSECOND_RESOLUTION ? DECIMAL : FINER_THAN_NANOSECONDS;
    this.ticksPerSecond = (isBinary ? 2 : 10) ** this.exponent;
    this.nanosecondsPerTick = this.kind === DECIMAL ? NANOSECONDS / this.ticksPerSecond : 0;
    this.offsetSeconds = offsetSeconds;
  }

  /** Converts the count whose halves have these bits (int32) to `seconds` and `nanoseconds`. */
  set(highBits: number, lowBits: number): void {
    if (this.kind === DECIMAL && highBits >= 0 && highBits < EXACT_HIGH) {
      const ticks = highBits * TWO_32 + (lowBits >>> 0);
      const seconds = Math.floor(ticks / this.ticksPerSecond);
      this.nanoseconds = (ticks - seconds * this.ticksPerSecond) * this.nanosecondsPerTick;
      this.seconds = seconds + this.offsetSeconds;
      return;
    }
    this.high = highBits >>> 0;
    this.low = lowBits >>> 0;
    if (this.kind === BINARY) this.setBinary();
    else this.setDecimal();
  }

  private setDecimal(): void {
    if (this.kind === DECIMAL) {
      this.divide(this.exponent);
      this.nanoseconds = this.remainder * this.nanosecondsPerTick;
    } else {
      this.dropFinerThanNanoseconds();
      this.divide(NANOSECOND_RESOLUTION);
      this.nanoseconds = this.remainder;
    }
    this.seconds = this.high * TWO_32 + this.low + this.offsetSeconds;
  }

  private dropFinerThanNanoseconds(): void {
    let surplus = this.exponent - NANOSECOND_RESOLUTION;
    while (surplus > 0 && (this.high !== 0 || this.low !== 0)) {
      this.divide(Math.min(surplus, LARGEST_STEP_EXPONENT));
      surplus -= LARGEST_STEP_EXPONENT;
    }
  }

  private setBinary(): void {
    if (this.exponent > 64) this.setTinyUnit();
    else if (this.exponent > 32) this.setFineUnit();
    else this.setCoarseUnit();
  }

  /** Units of 2^-65 s and less: the count is less than a second in all. */
  private setTinyUnit(): void {
    const excess = this.exponent - 64;
    this.seconds = this.offsetSeconds;
    this.nanoseconds = excess > 30 ? 0 : this.nanosecondsOfFraction() >>> excess;
  }

  /** Units of 2^-33 to 2^-64 s: the upper half holds the seconds and the beginning of the fraction. */
  private setFineUnit(): void {
    const scale = 2 ** (64 - this.exponent);
    const seconds = Math.floor((this.high * scale) / TWO_32);
    const shiftedLow = this.low * scale;
    const carry = Math.floor(shiftedLow / TWO_32);
    this.seconds = seconds + this.offsetSeconds;
    this.high = this.high * scale - seconds * TWO_32 + carry;
    this.low = shiftedLow - carry * TWO_32;
    this.nanoseconds = this.nanosecondsOfFraction();
  }

  /** Units of 1 to 2^-32 s: the lower half holds all of the fraction. */
  private setCoarseUnit(): void {
    const unit = 2 ** this.exponent;
    const scale = TWO_32 / unit;
    const lowSeconds = Math.floor(this.low / unit);
    this.seconds = this.high * scale + lowSeconds + this.offsetSeconds;
    this.high = (this.low - lowSeconds * unit) * scale;
    this.low = 0;
    this.nanoseconds = this.nanosecondsOfFraction();
  }

  /** floor((high × 2^32 + low) × 10^9 / 2^64), in digits of 16 bits. */
  private nanosecondsOfFraction(): number {
    let carry = Math.floor(((this.low % TWO_16) * NANOSECONDS) / TWO_16);
    carry = Math.floor((Math.floor(this.low / TWO_16) * NANOSECONDS + carry) / TWO_16);
    carry = Math.floor(((this.high % TWO_16) * NANOSECONDS + carry) / TWO_16);
    return Math.floor((Math.floor(this.high / TWO_16) * NANOSECONDS + carry) / TWO_16) | 0;
  }

  /** Divides the halves by 10^exponent, at most 10^11, so that every digit of the quotient is below 2^16. */
  private divide(exponent: number): void {
    const divisor = POWERS_OF_TEN[exponent]!;
    const quotientHigh = Math.floor(this.high / divisor);
    const middle = (this.high - quotientHigh * divisor) * TWO_16 + Math.floor(this.low / TWO_16);
    const quotientMiddle = Math.floor(middle / divisor);
    const last = (middle - quotientMiddle * divisor) * TWO_16 + (this.low % TWO_16);
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
