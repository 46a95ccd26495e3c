/** Texts of NFLOG prefixes, which netfilter rules give to the packets they log. */

const MAX_PREFIXES = 1024;

/** Index of the prefix in `known`, added if it is new; -1 when there are too many different ones. @cold NFLOG only, until the flow has its prefix */
export function internPrefix(known: string[], view: DataView, at: number, length: number): number {
  const text = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
  const index = known.indexOf(text);
  if (index >= 0) return index;
  return known.length < MAX_PREFIXES ? known.push(text) - 1 : -1;
}
