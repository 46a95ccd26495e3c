/**
 * What a file is, by its content and never by its name.
 *
 * The first bytes tell captures, archives and other binaries; text is tried as JSON (first character), then as the few
 * plain formats that have a sure sign, then as YAML. Names and folders only matter later, for whose `ip` output it is.
 */
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { gunzipSync, constants as zlib } from 'node:zlib';
import { describeError } from '../base/errors.js';
import { countObjects, describeKinds, DocumentCollector, type KubernetesDocument } from './formats/documents.js';
import { type Instant, parseInstant } from './instants.js';
import { type IpOutput, readIpOutput } from './hosts/ip-output.js';
import { readJsonText, type TextProblem } from './formats/json-text.js';
import { type ConntrackFile, ConntrackReader, looksLikeConntrack } from './conntrack/conntrack-reader.js';
import { readWireguardOutput, type WireguardOutputKey } from './hosts/wireguard-output.js';
import { looksLikeRules, readRules, type RulesFile } from './rules/service-rules.js';
import { looksLikePodsTable, type PodsTable, readPodsTable } from './formats/pods-table.js';

export type Content =
  | { readonly type: 'kubernetes'; readonly documents: readonly KubernetesDocument[] }
  | { readonly type: 'pods table'; readonly table: PodsTable }
  | { readonly type: 'ip output'; readonly outputs: readonly IpOutput[] }
  | { readonly type: 'interface index'; readonly index: number }
  | { readonly type: 'snapshot time'; readonly instant: Instant }
  | { readonly type: 'conntrack'; readonly file: ConntrackFile }
  | { readonly type: 'rules'; readonly file: RulesFile }
  | { readonly type: 'wireguard'; readonly keys: readonly WireguardOutputKey[] }
  /** A known output that serves nothing yet. */
  | { readonly type: 'unused' }
  | { readonly type: 'capture' }
  | { readonly type: 'archive' }
  | { readonly type: 'binary' }
  | { readonly type: 'empty' }
  | { readonly type: 'unknown' }
  | { readonly type: 'unreadable'; readonly reason: string };

export interface RecognizedFile {
  readonly content: Content;
  /** For people: `JSON, 16 Pod, 3 Node`. */
  readonly recognizedAs: string;
  /** Objects, rows or links in it. */
  readonly objects: number;
  readonly problems: readonly TextProblem[];
  /** Modification time. */
  readonly modified: Instant;
}

/** Up to this size a JSON file is parsed at once (V8 holds no string beyond 512 MB). */
const MAX_WHOLE_JSON_BYTES = 256 * 1024 * 1024;
const MAX_TEXT_BYTES = 256 * 1024 * 1024;
const HEAD_BYTES = 4096;
const STREAM_CHUNK_BYTES = 1 << 20;

/** Reads and recognises one file. Never throws: what cannot be read is `unreadable`. */
export async function recognizeFile(path: string): Promise<RecognizedFile> {
  try {
    const { size, mtimeMs } = await stat(path);
    const head = await readHead(path);
    return { ...(await recognizeBytes(path, head, size)), modified: mtimeMs / 1000 };
  } catch (error) {
    return { ...plain({ type: 'unreadable', reason: describeError(error) }, 'unreadable'), modified: 0 };
  }
}

type WithoutTime = Omit<RecognizedFile, 'modified'>;

function plain(content: Content, recognizedAs: string, objects = 0): WithoutTime {
  return { content, recognizedAs, objects, problems: [] };
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function recognizeBytes(path: string, head: Buffer, size: number): Promise<WithoutTime> {
  if (head.length === 0) return plain({ type: 'empty' }, 'empty file');
  const binary = recognizeBinary(head);
  if (binary !== null) return binary;
  const begin = decodeText(head);
  if (byteOrderMarkOf(head) !== 'utf-16be' && looksLikeConntrack(begin, size > head.length)) {
    return recognizeConntrack(path, byteOrderMarkOf(head) === null ? 'latin1' : 'utf16le');
  }
  const first = begin.trimStart()[0];
  if (size > MAX_WHOLE_JSON_BYTES && first === '{') return recognizeStream(path);
  if (size > MAX_TEXT_BYTES) {
    const reason = 'too big to be read at once; save it as one JSON List (kubectl get -o json)';
    return plain({ type: 'unreadable', reason }, 'text of unusual size');
  }
  return recognizeText(decodeText(await readFile(path)));
}

const CAPTURE_MAGICS = new Set(['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '34cdb2a1', 'a1b2cd34', '0a0d0d0a']);
const ARCHIVE_MAGICS: readonly (readonly [string, string])[] = [
  ['28b52ffd', 'zstd'],
  ['fd377a58', 'xz'],
  ['504b0304', 'zip'],
  ['425a68', 'bzip2'],
  ['04224d18', 'lz4'],
];

function recognizeBinary(head: Buffer): WithoutTime | null {
  const magic = head.subarray(0, 4).toString('hex');
  if (CAPTURE_MAGICS.has(magic)) return plain({ type: 'capture' }, 'packet capture');
  if (magic.startsWith('1f8b')) return recognizeGzip(head);
  for (const [prefix, name] of ARCHIVE_MAGICS) {
    if (magic.startsWith(prefix)) return plain({ type: 'archive' }, `${name} archive`);
  }
  if (head.subarray(257, 262).toString('latin1') === 'ustar') return plain({ type: 'archive' }, 'tar archive');
  return byteOrderMarkOf(head) === null && head.includes(0) ? plain({ type: 'binary' }, 'binary file') : null;
}

function recognizeGzip(head: Buffer): WithoutTime {
  try {
    const inner = gunzipSync(head, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: 1 << 20 });
    if (CAPTURE_MAGICS.has(inner.subarray(0, 4).toString('hex'))) {
      return plain({ type: 'capture' }, 'packet capture (gzip)');
    }
  } catch {
    // Not enough of it to tell: an archive like any other.
  }
  return plain({ type: 'archive' }, 'gzip archive');
}

function byteOrderMarkOf(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
}

/** UTF-8, or UTF-16 if it says so (as PowerShell's `>` writes it), without byte order mark. */
function decodeText(bytes: Buffer): string {
  return new TextDecoder(byteOrderMarkOf(bytes) ?? 'utf-8').decode(bytes);
}

/** A line that is neither blank nor a comment. */
const HAS_CONTENT = /^[ \t]*[^\s#]/m;
const EMPTY_LIST = /^\[\s*\]\s*$/;

async function recognizeText(text: string): Promise<WithoutTime> {
  const trimmed = text.trimStart();
  if (!HAS_CONTENT.test(trimmed) || EMPTY_LIST.test(trimmed)) return plain({ type: 'empty' }, 'empty file');
  const tool = recognizeShort(trimmed.trimEnd()) ?? recognizeTool(trimmed);
  if (tool !== null) return tool;
  return trimmed[0] === '{' || trimmed[0] === '[' ? recognizeJson(text) : recognizeYaml(text);
}

async function recognizeJson(text: string): Promise<WithoutTime> {
  const collector = new DocumentCollector();
  const problems = await readJsonText(text, collector);
  const { documents } = collector;
  if (documents.length > 0) return kubernetes('JSON', documents, problems);
  const outputs = collector.foreign.flatMap((value) => readIpOutput(value) ?? []);
  if (outputs.length > 0) return { ...ipOutput(outputs), problems };
  return { ...plain({ type: 'unknown' }, 'unknown JSON'), problems };
}

function kubernetes(
  format: string,
  documents: readonly KubernetesDocument[],
  problems: readonly TextProblem[],
): WithoutTime {
  const recognizedAs = `${format}, ${describeKinds(documents)}`;
  return { content: { type: 'kubernetes', documents }, recognizedAs, objects: countObjects(documents), problems };
}

const IP_COMMANDS: Readonly<Record<IpOutput['type'], string>> = {
  links: 'ip -j link or addr',
  routes: 'ip -j route',
  neighbours: 'ip -j neigh',
  forwarding: 'bridge -j fdb',
  'bridge ports': 'bridge -j link',
};

function ipOutput(outputs: readonly IpOutput[]): WithoutTime {
  const names = [...new Set(outputs.map(({ type }) => IP_COMMANDS[type]))];
  let objects = 0;
  for (const output of outputs) {
    if (output.type === 'links') objects += output.links.length;
    else if (output.type !== 'bridge ports') objects += output.reaches.length;
  }
  return plain({ type: 'ip output', outputs }, names.join(', '), objects);
}

/** A file of one line with nothing but a number or a time. */
function recognizeShort(text: string): WithoutTime | null {
  if (text.length > 100 || text.includes('\n')) return null;
  if (/^\d{1,7}$/.test(text)) {
    return plain({ type: 'interface index', index: Number(text) }, 'interface index (iflink)', 1);
  }
  const instant = parseSnapshotTime(text);
  return instant === null ? null : plain({ type: 'snapshot time', instant }, 'time of the snapshot', 1);
}

/** Epoch seconds (with fraction) or milliseconds, RFC 3339, both, or what `date -u` prints. */
export function parseSnapshotTime(text: string): Instant | null {
  const match = /^((?:\d{9,11}(?:\.\d+)?|\d{12,13})(?!\S))?\s*(\S.*)?$/.exec(text);
  if (match === null) return null;
  const [, epoch, rest] = match;
  if (epoch !== undefined) {
    if (rest !== undefined && parseInstant(rest) === null) return null;
    return /^\d{12,}$/.test(epoch) ? Number(epoch) / 1000 : Number(epoch);
  }
  if (rest === undefined) return null;
  const exact = parseInstant(rest);
  if (exact !== null) return exact;
  const isDateOutput = /^[A-Z][a-z]{2} .*\b(UTC|GMT)\b.*\d{4}$/.test(rest);
  const milliseconds = isDateOutput ? Date.parse(rest) : Number.NaN;
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}

/** Outputs that people save beside the others: known, so not worth a warning. */
const UNUSED_OUTPUTS: readonly (readonly [RegExp, string])[] = [
  [
    /^table (ip|ip6|inet|arp|bridge|netdev) \S+ \{/m,
    'nft list ruleset, which iptables-save would have printed as rules',
  ],
  [/^IP Virtual Server version /, 'ipvsadm'],
  [/^\d+: [\w.@-]+: <[A-Z,_0-9]+> mtu \d+/, 'ip link or addr text, which ip -j would have printed as JSON'],
];

function recognizeTool(text: string): WithoutTime | null {
  if (looksLikePodsTable(text)) {
    const table = readPodsTable(text);
    const rows = table.facts.pods.length;
    return plain({ type: 'pods table', table }, `kubectl get pods -o wide, ${rows} Pod (best effort)`, rows);
  }
  const keys = readWireguardOutput(text);
  if (keys !== null) {
    return plain({ type: 'wireguard', keys }, `wg show, ${keys.length} public keys`, keys.length);
  }
  if (looksLikeRules(text)) {
    const { file, problems } = readRules(text);
    const recognizedAs = `iptables-save, ${file.services.length} ports of Services`;
    return { content: { type: 'rules', file }, recognizedAs, objects: file.rules, problems };
  }
  for (const [sign, name] of UNUSED_OUTPUTS)
    if (sign.test(text)) return plain({ type: 'unused' }, `${name} (not used)`);
  return null;
}

/** A table of connection tracking may have a million lines: read as a stream, whatever its size. */
async function recognizeConntrack(path: string, encoding: 'latin1' | 'utf16le'): Promise<WithoutTime> {
  const reader = new ConntrackReader();
  for await (const text of createReadStream(path, { encoding, highWaterMark: STREAM_CHUNK_BYTES })) {
    reader.write(text as string);
  }
  const { file, problems } = reader.end();
  const { lines, translations, isLog } = file;
  const recognizedAs = `conntrack ${isLog ? '-E' : '-L'}, ${translations.length} translations`;
  return { content: { type: 'conntrack', file }, recognizedAs, objects: lines, problems };
}

async function recognizeYaml(text: string): Promise<WithoutTime> {
  const { looksLikeYamlObjects, readYamlText } = await import('./formats/yaml-text.js');
  if (!looksLikeYamlObjects(text)) return plain({ type: 'unknown' }, 'unknown text');
  const collector = new DocumentCollector();
  const problems = readYamlText(text, collector);
  if (collector.documents.length > 0) return kubernetes('YAML', collector.documents, problems);
  return { ...plain({ type: 'unknown' }, 'unknown text'), problems };
}

/** A JSON file too big for one string: one List, read item by item. */
async function recognizeStream(path: string): Promise<WithoutTime> {
  const { ListReader } = await import('./formats/json-list-reader.js');
  const collector = new DocumentCollector();
  collector.beginList();
  const reader = new ListReader(collector);
  let line = 1;
  for await (const chunk of createReadStream(path, { highWaterMark: STREAM_CHUNK_BYTES })) {
    const bytes = chunk as Buffer;
    reader.write(bytes);
    line += countNewlines(bytes);
    if (reader.error !== null) break;
  }
  const isWhole = reader.error === null && reader.isEnded;
  collector.endList(isWhole);
  if (reader.items === 0) return plain({ type: 'unknown' }, 'unknown JSON');
  const message = `the JSON is damaged or ends early; the ${reader.items} items before it are used`;
  return kubernetes('JSON', collector.documents, isWhole ? [] : [{ line, message }]);
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

/** The text of a file that was recognised as text; null if it cannot be read, or is longer than `mostBytes`. Never throws. */
export async function readInventoryText(path: string, mostBytes: number): Promise<string | null> {
  try {
    const { size } = await stat(path);
    return size > mostBytes ? null : decodeText(await readFile(path));
  } catch {
    return null;
  }
}
