/**
 * Columns of whole numbers as short text: base 64 VLQ, as source maps write their mappings (ECMA-426, "VLQ").
 *
 * A number is its magnitude doubled, plus one if it is negative, in digits of five bits, the lowest first; a digit that is not the last
 * has 32 added. Most numbers of a page take one to three characters, which is half of what decimals and commas do.
 * `unpackNumbers` in templates/page.js is the reader.
 */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const RADIX = 32;
/** Beyond this doubling would lose the sign. */
const LARGEST = 2 ** 52 - 1;
/** Digits of the largest number. */
const MOST_DIGITS = 11;

const CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));

/** The numbers one after the other; those beyond ±(2^52 − 1) become that. */
export function packNumbers(numbers: readonly number[]): string {
  const text = new Uint8Array(numbers.length * MOST_DIGITS);
  let length = 0;
  for (const number of numbers) {
    let rest = Math.min(Math.abs(number), LARGEST) * 2 + (number < 0 ? 1 : 0);
    while (rest >= RADIX) {
      text[length++] = CODES[RADIX + (rest % RADIX)] ?? 0;
      rest = Math.floor(rest / RADIX);
    }
    text[length++] = CODES[rest] ?? 0;
  }
  return new TextDecoder().decode(text.subarray(0, length));
}
