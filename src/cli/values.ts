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

/** By how much a node's clock is ahead. */
export interface ClockOffset {
  readonly node: string;
  readonly aheadNs: number;
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

const NANOSECONDS: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, μs: 1e3, ns: 1 };

/** `NODE=+0.35s`, `NODE=-20ms`; units are s, ms, us and ns. */
export function parseClock(text: string): ClockOffset | null {
  const match = /^([^=/\\]+)=(.+)$/s.exec(text);
  const aheadNs = match?.[2] === undefined ? null : parseOffset(match[2]);
  return match?.[1] === undefined || aheadNs === null ? null : { node: match[1], aheadNs };
}

/** Whole nanoseconds of `+0.35s`, `-20ms`, `150us`; null without a unit (but for 0) or beyond the 104 days that are exact. */
export function parseOffset(text: string): number | null {
  const match = /^([+-]?\d{1,12}(?:\.\d{1,12})?)(s|ms|us|µs|μs|ns)?$/.exec(text.trim());
  if (match?.[1] === undefined) return null;
  const value = Number(match[1]);
  if (match[2] === undefined) return value === 0 ? 0 : null;
  const nanoseconds = Math.round(value * NANOSECONDS[match[2]]!) + 0;
  return Number.isSafeInteger(nanoseconds) ? nanoseconds : null;
}
