/** Values of options and of the configuration file that have a form of their own. Null means: not in that form. */

export interface Vantage {
  readonly file: string;
  readonly node: string | null;
  readonly interface: string | null;
}

export interface NodeDirectory {
  readonly node: string;
  readonly directory: string;
}

const LARGEST_PORT = 65_535;

/** A positive whole number that a double holds exactly. */
export function parseCount(text: string): number | null {
  if (!/^[0-9]{1,15}$/.test(text)) return null;
  const count = Number(text);
  return count > 0 ? count : null;
}

/** A TCP or UDP port number from 1 on. */
export function parsePort(text: string): number | null {
  const port = parseCount(text);
  return port !== null && port <= LARGEST_PORT ? port : null;
}

/** `FILE=NODE/IFACE`, `FILE=NODE` or `FILE=/IFACE`; FILE may itself hold an equals sign. */
export function parseVantage(text: string): Vantage | null {
  const match = /^(?<file>.+)=(?<node>[^=/]*)(?:\/(?<interface>[^=/]+))?$/s.exec(text);
  const { file, node, interface: name } = match?.groups ?? {};
  if (file === undefined || (node === '' && name === undefined)) return null;
  return { file, node: node === undefined || node === '' ? null : node, interface: name ?? null };
}

/** `NAME=DIR`; DIR may hold an equals sign. */
export function parseNodeDirectory(text: string): NodeDirectory | null {
  const match = /^([^=/\\]+)=(.+)$/s.exec(text);
  return match?.[1] === undefined || match[2] === undefined ? null : { node: match[1], directory: match[2] };
}
