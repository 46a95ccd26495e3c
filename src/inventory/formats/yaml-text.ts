/**
 * YAML text as `kubectl -o yaml` prints it: one List, one object, or several documents separated by `---`.
 *
 * The text is cut at document separators, and a long List at its items (lines that begin with the first item's indentation
 * and `- `, which no line inside an item does), so that memory stays bounded and damage costs one piece only. YAML 1.2 by js-yaml; aliases are
 * limited because a small text with many of them can stand for an enormous structure.
 */
import { loadAll } from 'js-yaml';
import { asInteger, asList, asText, member } from '../facts/guards.js';
import { type DocumentCollector, impliedKindOf } from './documents.js';
import type { TextProblem } from './json-text.js';

const MAX_ALIASES = 1000;
const MAX_PROBLEMS = 10;
/** Documents up to this length are parsed whole. */
const WHOLE_DOCUMENT_LENGTH = 1 << 20;
/** A piece of a long List is about this long. */
const PIECE_LENGTH = 1 << 18;
/** A single document that cannot be cut into items may be this long: js-yaml needs about 36 bytes per character. */
const MAX_DOCUMENT_LENGTH = 32 << 20;

/** True if the text looks like Kubernetes objects in YAML. */
export function looksLikeYamlObjects(text: string): boolean {
  return /^kind:[ \t]+["']?[A-Za-z]/m.test(text) && /^apiVersion:[ \t]+\S/m.test(text);
}

/** Hands every object of the text to the collector; returns what could not be read. Never throws. */
export function readYamlText(text: string, collector: DocumentCollector): TextProblem[] {
  const problems: TextProblem[] = [];
  let line = 1;
  for (const document of splitDocuments(text)) {
    if (problems.length < MAX_PROBLEMS) readDocument(document, line, collector, problems);
    line += countLines(document);
  }
  return problems;
}

function* splitDocuments(text: string): Generator<string> {
  const separator = /^---(?=\s|$)/gm;
  let from = 0;
  for (let match = separator.exec(text); match !== null; match = separator.exec(text)) {
    if (match.index > from) yield text.slice(from, match.index);
    from = match.index;
  }
  yield text.slice(from);
}

function readDocument(text: string, line: number, collector: DocumentCollector, problems: TextProblem[]): void {
  if (text.length > WHOLE_DOCUMENT_LENGTH && readLongList(text, line, collector, problems)) return;
  if (text.length > MAX_DOCUMENT_LENGTH) {
    problems.push({ line, message: 'a YAML document of this size is not read; save it as JSON (kubectl -o json)' });
    return;
  }
  const values = tryParse(text);
  if (!Array.isArray(values)) problems.push({ ...values, line: line + values.line - 1 });
  else for (const value of values) collector.value(value);
}

/** Reads a List item by item; false if the document is not a List whose items each begin on a line of their own. */
function readLongList(text: string, line: number, collector: DocumentCollector, problems: TextProblem[]): boolean {
  const items = /^items:[ \t]*\r?\n(?=( *)- )/m.exec(text);
  if (items === null || !/^kind:[ \t]+["']?[A-Za-z]*List\b/m.test(text)) return false;
  const itemsFrom = items.index + items[0].length;
  const next = text.slice(itemsFrom).search(/^[^- #\r\n]/m);
  const itemsEnd = next < 0 ? text.length : itemsFrom + next;
  const frame = tryParse(`${text.slice(0, items.index)}${text.slice(itemsEnd)}`);
  const list: ItemList = {
    newItem: `\n${items[1] ?? ''}- `,
    impliedKind: impliedKindOf((Array.isArray(frame) ? asText(member(frame[0], 'kind')) : null) ?? 'List'),
    collector,
    problems,
  };
  const problemsBefore = problems.length;
  collector.beginList();
  const firstLine = line + countLines(text.slice(0, itemsFrom));
  readItems(text.slice(itemsFrom, itemsEnd), firstLine, PIECE_LENGTH, list);
  collector.endList(problems.length === problemsBefore);
  return true;
}

interface ItemList {
  /** What stands before every item but the first. */
  readonly newItem: string;
  readonly impliedKind: string | null;
  readonly collector: DocumentCollector;
  readonly problems: TextProblem[];
}

/** Reads items in pieces of several; a piece that is damaged is read again one by one, so that damage costs one item. */
function readItems(text: string, line: number, pieceLength: number, list: ItemList): void {
  let pieceLine = line;
  for (let from = 0; from < text.length && list.problems.length < MAX_PROBLEMS;) {
    const next = text.indexOf(list.newItem, from + pieceLength);
    const end = next < 0 ? text.length : next + 1;
    const piece = text.slice(from, end);
    const values = tryParse(piece);
    if (Array.isArray(values)) {
      for (const value of values) for (const item of asList(value)) list.collector.listItem(item, list.impliedKind);
    } else if (pieceLength > 0) readItems(piece, pieceLine, 0, list);
    else list.problems.push({ ...values, line: pieceLine + values.line - 1 });
    pieceLine += countLines(piece);
    from = end;
  }
}

/** The documents in the text, or what is wrong with it (line from 1). */
function tryParse(text: string): unknown[] | TextProblem {
  try {
    return loadAll(text, { maxAliases: MAX_ALIASES });
  } catch (error) {
    const { mark, reason, message } = error as { mark?: unknown; reason?: unknown; message?: unknown };
    const line = (asInteger(member(mark, 'line')) ?? 0) + 1;
    const what = (asText(reason) ?? asText(message) ?? String(error)).slice(0, 200);
    return { line, message: `this is not valid YAML (${what})` };
  }
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
