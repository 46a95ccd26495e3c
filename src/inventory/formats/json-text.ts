/**
 * JSON text in the shapes that people save: one value, several one after the other, one per line, or one cut short.
 *
 * JSON.parse does the work wherever it can (it is the fastest and bounds nothing but size). A List that is cut short is read
 * again item by item with @streamparser/json, so that what came before the damage counts. RFC 8259.
 */
import type { DocumentCollector } from './documents.js';

/** What is wrong with a text, and where. */
export interface TextProblem {
  /** Line, from 1. */
  readonly line: number;
  readonly message: string;
}

const MAX_PROBLEMS = 10;

/** Hands every value of the text to the collector; returns what could not be read. Never throws. */
export async function readJsonText(text: string, collector: DocumentCollector): Promise<TextProblem[]> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    return readSeveral(text, collector);
  }
  collector.value(whole);
  return [];
}

async function readSeveral(text: string, collector: DocumentCollector): Promise<TextProblem[]> {
  const problems: TextProblem[] = [];
  let from = skipBlanks(text, 0);
  while (from < text.length && problems.length < MAX_PROBLEMS) {
    const end = endOfValue(text, from);
    const problem = await readOne(text, from, end, collector);
    if (problem === null) {
      from = skipBlanks(text, end);
      continue;
    }
    problems.push(problem);
    from = nextValueOnNewLine(text, from);
  }
  return problems;
}

/** Reads the value in [from, end), or as much of it as is sound. */
async function readOne(
  text: string,
  from: number,
  end: number,
  collector: DocumentCollector,
): Promise<TextProblem | null> {
  const slice = text.slice(from, end);
  let message: string;
  let offset: number;
  let value: unknown;
  try {
    value = JSON.parse(slice);
    collector.value(value);
    return null;
  } catch (error) {
    message = error instanceof Error ? error.message : String(error);
    offset = Math.min(Number(/position (\d+)/.exec(message)?.[1] ?? Infinity), slice.trimEnd().length);
  }
  const salvaged = await salvageItems(slice, collector);
  const what = offset >= slice.trimEnd().length ? 'the JSON ends early' : 'this is not valid JSON';
  const kept = salvaged > 0 ? `; the ${salvaged} items before it are used` : '';
  return { line: lineOf(text, from + offset), message: `${what}${kept}` };
}

/** Feeds the items of a damaged List to the collector; returns how many were whole. */
async function salvageItems(slice: string, collector: DocumentCollector): Promise<number> {
  if (!/"items"\s*:\s*\[/.test(slice)) return 0;
  const { ListReader } = await import('./json-list-reader.js');
  collector.beginList();
  const reader = new ListReader(collector);
  reader.write(slice);
  collector.endList(false);
  return reader.items;
}

const BLANK = /[\s\u001e]/; // U+001E separates records in RFC 7464

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && BLANK.test(text[at]!)) at++;
  return at;
}

/** Offset after the value that begins at `from`: where its brackets are closed, or the end of line or text. */
function endOfValue(text: string, from: number): number {
  if (text[from] !== '{' && text[from] !== '[') {
    const newline = text.indexOf('\n', from);
    return newline < 0 ? text.length : newline;
  }
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
    } else if (code === 0x7b || code === 0x5b) {
      depth++;
    } else if (code === 0x7d || code === 0x5d) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/** Offset of the closing quote of the string that opens at `from`. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}

/** After damage: the next line that begins with a bracket, as each value of NDJSON and of `kubectl -o json` does. */
function nextValueOnNewLine(text: string, from: number): number {
  const next = /\n[{[]/g;
  next.lastIndex = from;
  const match = next.exec(text);
  return match === null ? text.length : match.index + 1;
}

/** Line (from 1) of an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
