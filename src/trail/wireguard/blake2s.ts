/**
 * BLAKE2s with a key and of any output length (RFC 7693): what WireGuard authenticates handshakes with, and what Node's crypto module
 * has without keys only. For a few thousand short messages; not made for speed.
 */

const BLOCK_BYTES = 64;
const ROUNDS = 10;
const WORDS = 8;
const INITIAL = Uint32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);
/** Message words by round (section 2.7). */
const SIGMA: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** Words that each of a round's eight mixings works on: columns, then diagonals. */
const MIXINGS: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

/** The hash of `input`, `length` bytes (1..32) long, with a key of 0..32 bytes. */
export function blake2s(input: Uint8Array, key: Uint8Array, length: number): Uint8Array {
  const state = INITIAL.slice();
  state[0]! ^= 0x01010000 ^ (key.length << 8) ^ length;
  const keyBlock = key.length > 0 ? 1 : 0;
  const padded = new Uint8Array(Math.max(1, keyBlock + Math.ceil(input.length / BLOCK_BYTES)) * BLOCK_BYTES);
  padded.set(key);
  padded.set(input, keyBlock * BLOCK_BYTES);
  const view = new DataView(padded.buffer);
  const total = keyBlock * BLOCK_BYTES + input.length;
  for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
    const isLast = at + BLOCK_BYTES === padded.length;
    compress(state, view, at, isLast ? total : at + BLOCK_BYTES, isLast);
  }
  const result = new DataView(new ArrayBuffer(WORDS * 4));
  for (let i = 0; i < WORDS; i++) result.setUint32(i * 4, state[i]!, true);
  return new Uint8Array(result.buffer, 0, length);
}

function compress(state: Uint32Array, view: DataView, at: number, counter: number, isLast: boolean): void {
  const v = new Uint32Array(WORDS * 2);
  v.set(state);
  v.set(INITIAL, WORDS);
  v[12]! ^= counter;
  if (isLast) v[14]! ^= 0xffffffff;
  for (let round = 0; round < ROUNDS; round++) {
    const sigma = SIGMA[round]!;
    for (const [i, [a, b, c, d]] of MIXINGS.entries()) {
      const x = view.getUint32(at + sigma[i * 2]! * 4, true);
      const y = view.getUint32(at + sigma[i * 2 + 1]! * 4, true);
      v[a] = v[a]! + v[b]! + x;
      v[d] = rotate(v[d]! ^ v[a], 16);
      v[c] = v[c]! + v[d];
      v[b] = rotate(v[b]! ^ v[c], 12);
      v[a] = v[a] + v[b] + y;
      v[d] = rotate(v[d] ^ v[a], 8);
      v[c] = v[c] + v[d];
      v[b] = rotate(v[b] ^ v[c], 7);
    }
  }
  for (let i = 0; i < WORDS; i++) state[i]! ^= v[i]! ^ v[i + WORDS]!;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
