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
