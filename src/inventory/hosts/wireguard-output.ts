/**
 * What `wg show all dump`, `wg show IFACE dump` and `wg show` print: the public key of a node's WireGuard device, and those of its peers
 * with their endpoints (wg(8)). Fields of a dump are separated by tabs; the line of a device holds the private key first, which is
 * passed over and never kept.
 */

/** A public key in base64 and, for a peer's, the outer address that the device sends to; null where none was known. */
export interface WireguardOutputKey {
  readonly key: string;
  readonly isPeer: boolean;
  readonly endpoint: string | null;
}

const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const DEVICE_LINE = /^(?:\S+\t)?\S+\t([A-Za-z0-9+/]{43}=)\t\d{1,5}\t(?:off|0x[0-9a-f]+|\d+)\r?$/m;
const SHOW_BEGINS = /^interface: \S+\r?\n\s+public key: /;
const MOST_KEYS = 10_000;

/** The keys in the text, null if it is none of these outputs. */
export function readWireguardOutput(text: string): WireguardOutputKey[] | null {
  if (SHOW_BEGINS.test(text)) return readShow(text);
  const firstLine = text.slice(0, text.indexOf('\n') < 0 ? text.length : text.indexOf('\n'));
  return DEVICE_LINE.test(firstLine) ? readDump(text) : null;
}

function readDump(text: string): WireguardOutputKey[] {
  const keys: WireguardOutputKey[] = [];
  for (const line of text.split(/\r?\n/)) {
    const fields = line.split('\t');
    // `all` puts the device's name in front: 5 and 9 fields, else 4 and 8.
    const rest = fields.length % 4 === 1 ? fields.slice(1) : fields;
    if (rest.length === 4) add(keys, rest[1], false, null);
    else if (rest.length === 8) add(keys, rest[0], true, rest[2] ?? null);
  }
  return keys;
}

function readShow(text: string): WireguardOutputKey[] {
  const keys: WireguardOutputKey[] = [];
  for (const block of text.split(/^(?=interface: |peer: )/m)) {
    const peer = /^peer: (\S+)/.exec(block);
    if (peer === null) add(keys, /^\s+public key: (\S+)/m.exec(block)?.[1], false, null);
    else add(keys, peer[1], true, /^\s+endpoint: (\S+)/m.exec(block)?.[1] ?? null);
  }
  return keys;
}

function add(
  keys: WireguardOutputKey[],
  key: string | undefined,
  isPeer: boolean,
  endpointWithPort: string | null,
): void {
  if (key === undefined || !KEY.test(key) || keys.length >= MOST_KEYS) return;
  const endpoint = /^\[?([0-9A-Fa-f.:]+?)\]?:\d{1,5}$/.exec(endpointWithPort ?? '')?.[1] ?? null;
  keys.push({ key, isPeer, endpoint });
}
