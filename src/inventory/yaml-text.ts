/**
 * YAML text as `kubectl -o yaml` prints it: one List, one object, or several documents separated by `---`.
 *
 * The text is cut at document separators, and a List at its items (lines that begin with `- `, which no nested line of
 * kubectl's output does), so that memory stays bounded and damage costs one piece only. YAML 1.2 by js-yaml; aliases are
 * limited because a small text with many of them can stand for an enormous structure.
 */
import { loadAll } from 'js-yaml';
import type { DocumentCollector } from './documents.js';
import { asText, member } from './guards.js';
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
  for (const value of parse(text, line, problems)) collector.value(value);
}

/** Reads a List item by item; false if the document is none that kubectl printed. */
function readLongList(text: string, line: number, collector: DocumentCollector, problems: TextProblem[]): boolean {
  const items = /^items:[ \t]*\r?\n(?=- )/m.exec(text);
  if (items === null || !/^kind:[ \t]+["']?[A-Za-z]*List\b/m.test(text)) return false;
  const itemsFrom = items.index + items[0].length;
  const after = /^(?![- #\r\n])/m;
  const rest = text.slice(itemsFrom).search(after);
  const itemsEnd = rest < 0 ? text.length : itemsFrom + rest;
  const frame = `${text.slice(0, items.index)}${text.slice(itemsEnd)}`;
  const listKind = asText(member(parse(frame, line, problems)[0], 'kind')) ?? 'List';
  const problemsBefore = problems.length;
  const impliedKind = listKind === 'List' ? null : listKind.slice(0, -'List'.length);
  collector.beginList();
  let pieceLine = line + countLines(text.slice(0, itemsFrom));
  for (let from = itemsFrom; from < itemsEnd && problems.length < MAX_PROBLEMS;) {
    const next = text.indexOf('\n- ', Math.min(from + PIECE_LENGTH, itemsEnd));
    const end = next < 0 || next + 1 > itemsEnd ? itemsEnd : next + 1;
    const piece = text.slice(from, end);
    for (const value of parse(piece, pieceLine, problems)) {
      if (Array.isArray(value)) for (const item of value as unknown[]) collector.listItem(item, impliedKind);
    }
    pieceLine += countLines(piece);
    from = end;
  }
  collector.endList(problems.length === problemsBefore);
  return true;
}

function parse(text: string, line: number, problems: TextProblem[]): unknown[] {
  try {
    return loadAll(text, { maxAliases: MAX_ALIASES });
  } catch (error) {
    const markLine = Number(member((error as { mark?: unknown } | null)?.mark, 'line') ?? 0);
    const reason =
      error instanceof Error ? (asText((error as { reason?: unknown }).reason) ?? error.message) : String(error);
    problems.push({ line: line + markLine, message: `this is not valid YAML (${reason.slice(0, 200)})` });
    return [];
  }
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
