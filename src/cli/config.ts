/**
 * Reads `--config podtrail.yaml`: what does not fit on a command line. Paths in it are relative to the file itself.
 *
 *     inventory: [inventory/, nodes.json]        # files and folders, as --inventory
 *     nodes:                                     # as --node NAME=DIR
 *       node-1: hosts/node-1
 *     vantages:                                  # as --vantage FILE=NODE/IFACE
 *       "node-1.any*.pcap": node-1/any
 *     vxlan-ports: [8473]                        # as --vxlan-port
 *     clocks:                                    # as --clock NODE=OFFSET; a bare number is seconds
 *       node-2: +0.35s
 *     names:                                     # names for addresses that are no pod's, node's or Service's
 *       203.0.113.9: payment gateway
 *
 * Everything else is an error that names the file, the line and the key, so that a misspelt key is not silently without effect.
 */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { PodtrailError, describeError } from '../base/errors.js';
import type { AddressName } from '../inventory/names.js';
import { parseOffset, parsePort, parseVantage, type ClockOffset, type NodeDirectory, type Vantage } from './values.js';

export interface Config {
  readonly inventory: readonly string[];
  readonly nodeDirectories: readonly NodeDirectory[];
  readonly vantages: readonly Vantage[];
  readonly vxlanPorts: readonly number[];
  readonly clocks: readonly ClockOffset[];
  readonly names: readonly AddressName[];
}

const KEYS = ['inventory', 'nodes', 'vantages', 'vxlan-ports', 'clocks', 'names'] as const;
type Key = (typeof KEYS)[number];

const LARGEST_FILE_BYTES = 1_000_000;

export const EMPTY_CONFIG: Config = {
  inventory: [],
  nodeDirectories: [],
  vantages: [],
  vxlanPorts: [],
  clocks: [],
  names: [],
};

/** The settings of the file at `path`, which the user named; throws PodtrailError naming file, line and key. */
export async function readConfig(path: string, workingDirectory: string): Promise<Config> {
  const text = await readFile(resolve(workingDirectory, path), 'utf8').catch((cause: unknown) => {
    throw new PodtrailError('invalid-config', `${path}: ${describeError(cause)}`, { cause });
  });
  if (text.length > LARGEST_FILE_BYTES) {
    throw new PodtrailError('invalid-config', `${path}: too large for a configuration (over 1 MB)`);
  }
  return new ConfigReader(path, text).read(await parseYaml(path, text));
}

async function parseYaml(path: string, text: string): Promise<unknown> {
  const { loadAll, YAMLException } = await import('js-yaml');
  try {
    const documents = loadAll(text.replace(/^\ufeff/, ''));
    if (documents.length > 1) throw new PodtrailError('invalid-config', `${path}: holds more than one document`);
    return documents[0] ?? {};
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    const line = cause.mark === undefined ? '' : `:${cause.mark.line + 1}`;
    throw new PodtrailError('invalid-config', `${path}${line}: this is not YAML: ${cause.reason}`, { cause });
  }
}

class ConfigReader {
  private readonly path: string;
  private readonly lines: readonly string[];

  constructor(path: string, text: string) {
    this.path = path;
    this.lines = text.split(/\r\n|\r|\n/);
  }

  read(content: unknown): Config {
    const settings = this.mapping(content, []);
    for (const [key] of settings) {
      if (!(KEYS as readonly string[]).includes(key))
        this.fail([key], 'is not a known key', `Known keys: ${KEYS.join(', ')}.`);
    }
    const of = (key: Key): unknown => settings.find(([name]) => name === key)?.[1];
    return {
      inventory: this.list(of('inventory'), 'inventory').map((item) => this.beside(this.text(item, ['inventory']))),
      nodeDirectories: this.entries(of('nodes'), 'nodes').map(([node, directory]) => ({
        node,
        directory: this.beside(this.text(directory, ['nodes', node])),
      })),
      vantages: this.entries(of('vantages'), 'vantages').map(([file, place]) => this.vantage(file, place)),
      vxlanPorts: this.list(of('vxlan-ports'), 'vxlan-ports').map((port) => this.port(port)),
      clocks: this.entries(of('clocks'), 'clocks').map(([node, offset]) => this.clock(node, offset)),
      names: this.entries(of('names'), 'names').map(([address, name]) => this.name(address, name)),
    };
  }

  private vantage(file: string, place: unknown): Vantage {
    const text = this.text(place, ['vantages', file]);
    return parseVantage(`${file}=${text}`) ?? this.fail(['vantages', file], 'must be NODE/IFACE, NODE or /IFACE');
  }

  private port(value: unknown): number {
    const port = typeof value === 'number' || typeof value === 'string' ? parsePort(String(value)) : null;
    return port ?? this.fail(['vxlan-ports'], 'must be UDP ports, 1 to 65535');
  }

  private clock(node: string, offset: unknown): ClockOffset {
    const aheadNs = parseOffset(typeof offset === 'number' ? `${offset}s` : this.text(offset, ['clocks', node]));
    return { node, aheadNs: aheadNs ?? this.fail(['clocks', node], 'must be a duration such as +0.35s or -20ms') };
  }

  private name(address: string, name: unknown): AddressName {
    if (isIP(address) === 0) this.fail(['names', address], 'is not an IP address');
    return { address, name: this.text(name, ['names', address]) };
  }

  private entries(value: unknown, key: Key): [string, unknown][] {
    return value === undefined || value === null ? [] : this.mapping(value, [key]);
  }

  private mapping(value: unknown, keys: readonly string[]): [string, unknown][] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fail(keys, keys.length === 0 ? 'must hold keys and values' : 'must be a mapping, KEY: VALUE');
    }
    return Object.entries(value);
  }

  private list(value: unknown, key: Key): unknown[] {
    if (value === undefined || value === null) return [];
    if (typeof value === 'object' && !Array.isArray(value)) this.fail([key], 'must be a list');
    return Array.isArray(value) ? value : [value];
  }

  private text(value: unknown, keys: readonly string[]): string {
    if (typeof value !== 'string' || value === '') this.fail(keys, 'must be a text');
    return value;
  }

  private beside(path: string): string {
    return isAbsolute(path) ? path : join(dirname(this.path), path);
  }

  private fail(keys: readonly string[], what: string, hint?: string): never {
    const line = this.lineOf(keys.at(-1) ?? '');
    const where = line === null ? this.path : `${this.path}:${line}`;
    const key = keys.length === 0 ? '' : `${keys.join(' → ')} `;
    throw new PodtrailError('invalid-config', `${where}: ${key}${what}`, hint === undefined ? {} : { hint });
  }

  /** js-yaml keeps no positions; the first place where the key stands before a colon is the one, in all but strange files. */
  private lineOf(key: string): number | null {
    if (key === '') return null;
    const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const definition = new RegExp(`(?:^|[\\s{,"'])${escaped}["']?\\s*:`);
    const at = this.lines.findIndex((line) => definition.test(line));
    return at < 0 ? null : at + 1;
  }
}
