/**
 * YAML (1.2, and so JSON) text to nodes with lines, by the `yaml` package, which keeps positions.
 *
 * The text is cut at document separators first, so that damage costs one document only; documents that name no policy are
 * not parsed at all. Aliases are followed, but only so far: a small text can stand for an enormous structure.
 */
import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node, Pair, YAMLMap } from 'yaml';
import type { Lines } from '../policy.js';
import { isMap, type SourceNode } from './field.js';

export interface YamlProblem {
  readonly line: number;
  /** Path of the field it is in, as far as the damage lets it be known. */
  readonly field: string;
  readonly message: string;
}

export interface YamlContent {
  readonly documents: readonly SourceNode[];
  readonly problems: readonly YamlProblem[];
}

type YamlPackage = typeof Yaml;

const MAX_TEXT_LENGTH = 64 << 20;
const MAX_NODES = 2_000_000;
const MAX_ALIASES = 1000;
const MAX_DEPTH = 64;
const NAMES_A_POLICY = /NetworkPolic/;

/** Parses all documents of the text that mention a policy. Never throws. */
export async function readYamlNodes(text: string): Promise<YamlContent> {
  const documents: SourceNode[] = [];
  const problems: YamlProblem[] = [];
  if (!NAMES_A_POLICY.test(text)) return { documents, problems };
  if (text.length > MAX_TEXT_LENGTH) {
    problems.push({ line: 1, field: '', message: 'is too long to be read as policies (more than 64 MB)' });
    return { documents, problems };
  }
  const yaml = await import('yaml');
  for (const { piece, line } of splitDocuments(text)) {
    if (NAMES_A_POLICY.test(piece)) readDocument(yaml, piece, line, documents, problems);
  }
  return { documents, problems };
}

/** `---` at the beginning of a line ends a document, whatever it is in (YAML 1.2.2, 9.1.2). */
function* splitDocuments(text: string): Generator<{ piece: string; line: number }> {
  const separator = /^---(?=\s|$)/gm;
  let from = 0;
  let line = 1;
  for (let match = separator.exec(text); match !== null; match = separator.exec(text)) {
    if (match.index === from) continue;
    const piece = text.slice(from, match.index);
    yield { piece, line };
    line += countLines(piece);
    from = match.index;
  }
  yield { piece: text.slice(from), line };
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function readDocument(
  yaml: YamlPackage,
  piece: string,
  line: number,
  documents: SourceNode[],
  problems: YamlProblem[],
): void {
  const counter = new yaml.LineCounter();
  try {
    for (const document of yaml.parseAllDocuments(piece, { lineCounter: counter, prettyErrors: false })) {
      const converter = new Converter(yaml, document, piece, counter, line - 1);
      const [error] = document.errors;
      if (error !== undefined) problems.push(converter.describe(error));
      else if (document.contents !== null) documents.push(converter.node(document.contents, 0));
    }
  } catch (error) {
    const message = error instanceof RangeError ? 'it is nested too deeply' : String((error as Error).message);
    problems.push({ line, field: '', message: `is no usable YAML: ${message}` });
  }
}

class Converter {
  private readonly yaml: YamlPackage;
  private readonly document: Document;
  private readonly text: string;
  private readonly counter: LineCounter;
  private readonly linesBefore: number;
  private nodes = 0;
  private aliases = 0;

  constructor(yaml: YamlPackage, document: Document, text: string, counter: LineCounter, linesBefore: number) {
    this.yaml = yaml;
    this.document = document;
    this.text = text;
    this.counter = counter;
    this.linesBefore = linesBefore;
  }

  node(node: unknown, depth: number): SourceNode {
    const { yaml } = this;
    if (yaml.isAlias(node)) this.aliases++;
    if (++this.nodes > MAX_NODES || this.aliases > MAX_ALIASES)
      throw new Error('its aliases stand for too many values');
    if (depth > MAX_DEPTH) throw new RangeError();
    if (yaml.isAlias(node)) return this.node(node.resolve(this.document), depth + 1);
    const lines = this.linesOf(node as Node | null);
    if (yaml.isMap(node)) return { value: this.members(node, depth), lines };
    if (yaml.isSeq(node)) return { value: node.items.map((item) => this.node(item, depth + 1)), lines };
    const value = yaml.isScalar(node) ? node.value : null;
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    return { value: isPlain ? value : null, lines };
  }

  /** Members with the lines of key and value together; `<<` merges, as kubectl's parser does. */
  private members(map: YAMLMap, depth: number): Map<string, SourceNode> {
    const members = new Map<string, SourceNode>();
    for (const pair of map.items) {
      const key = keyText(pair);
      const value = this.node(pair.value, depth + 1);
      if (key === '<<' && isMap(value)) {
        for (const [name, merged] of value.value) {
          if (!members.has(name)) members.set(name, merged);
        }
        continue;
      }
      const first = this.linesOf(pair.key as Node | null)?.first ?? value.lines?.first;
      const last = value.lines?.last ?? first;
      const lines = first === undefined || last === undefined ? null : { first, last: Math.max(first, last) };
      members.set(key, { value: value.value, lines });
    }
    return members;
  }

  private linesOf(node: Node | null): Lines | null {
    const range = node?.range;
    if (range === undefined || range === null) return null;
    let end = range[1];
    while (end > range[0] + 1 && /\s/.test(this.text[end - 1] ?? '')) end--;
    return { first: this.lineAt(range[0]), last: this.lineAt(Math.max(range[0], end - 1)) };
  }

  private lineAt(offset: number): number {
    return this.linesBefore + Math.max(1, this.counter.linePos(offset).line);
  }

  describe(error: {
    readonly code: string;
    readonly pos: readonly [number, number];
    readonly message: string;
  }): YamlProblem {
    const what = error.code === 'DUPLICATE_KEY' ? 'this key is there twice' : error.message.replaceAll('\n', ' ');
    return {
      line: this.lineAt(error.pos[0]),
      field: this.pathAt(error.pos[0]),
      message: error.code === 'DUPLICATE_KEY' ? what : `is not valid YAML: ${what}`,
    };
  }

  /** Path of the innermost field around an offset. */
  private pathAt(offset: number): string {
    const { yaml } = this;
    let path = '';
    yaml.visit(this.document, {
      Pair: (_index, pair) => {
        if (!spans(pair, offset)) return yaml.visit.SKIP;
        path = path === '' ? keyText(pair) : `${path}.${keyText(pair)}`;
        return undefined;
      },
      Seq: (_index, seq) => {
        const index = seq.items.findIndex((item) => contains(item as Node | null, offset));
        if (index >= 0) path = `${path}[${index}]`;
        return undefined;
      },
    });
    return path;
  }
}

function keyText(pair: Pair): string {
  const { value } = (pair.key ?? {}) as { value?: unknown };
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function contains(node: Node | null, offset: number): boolean {
  const range = node?.range;
  return range !== undefined && range !== null && range[0] <= offset && offset <= range[1];
}

function spans(pair: Pair, offset: number): boolean {
  return contains(pair.key as Node | null, offset) || contains(pair.value as Node | null, offset);
}
