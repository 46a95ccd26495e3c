/** The order of texts that every output keeps: by their code units, the same in every locale. */

/** Negative if `a` comes first, positive if `b` does, 0 if they are the same. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
