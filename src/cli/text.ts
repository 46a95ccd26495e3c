/**
 * Text for a terminal: hostile characters taken out, widths counted in columns, names cut in the middle.
 *
 * Widths follow Unicode TR 11 (East Asian Width) for the Basic Multilingual Plane. Strings that come from packets, labels
 * or file names go through `plainText` first; it leaves only characters whose width is beyond doubt.
 */
import { displayText } from '../report/text.js';

/** Controls, format characters, private use, not assigned. */
const OTHER_CHARACTERS = /\p{C}/gu;
/** Characters that Unicode has made wider since its version 10, and some that terminals do not agree on. */
const DISPUTED_WIDTH =
  /[\u115f\u1160\u261d\u2630-\u2637\u268a-\u268f\u26f9\u270c\u270d\u3164\u3248-\u324f\u4dc0-\u4dff\uffa0]/g;
const MARKS = /\p{M}/gu;
const BEYOND_BASIC_PLANE = /[\u{10000}-\u{10ffff}]/gu;
const REPLACEMENT = '\ufffd';
const ELLIPSIS = '…';
/** What tells the pods of a Deployment apart: five letters at the end of their names. */
const MOST_TAIL_COLUMNS = 5;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
const WIDE =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/;

/** The text on one line, with every character replaced or dropped that a terminal could obey, or show in unknown width. */
export function plainText(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return displayText(text)
    .normalize('NFC')
    .replace(OTHER_CHARACTERS, REPLACEMENT)
    .replace(DISPUTED_WIDTH, REPLACEMENT)
    .replace(MARKS, '')
    .replace(BEYOND_BASIC_PLANE, REPLACEMENT);
}

/** Columns that a text from `plainText` takes in a terminal. */
export function textWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += WIDE.test(character) ? 2 : 1;
  return width;
}

/** The text itself if it fits into `width` columns, else its beginning and its end around an ellipsis. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? ELLIPSIS : '';
  const room = width - textWidth(ELLIPSIS);
  const tail = takeColumns([...text].reverse().join(''), Math.min(Math.floor(room / 2), MOST_TAIL_COLUMNS));
  return takeColumns(text, room - textWidth(tail)) + ELLIPSIS + [...tail].reverse().join('');
}

/** Lines of at most `width` columns, broken at spaces (not at U+00A0), and inside a word only where it is longer than a line. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/).flatMap((long) => breakWord(long, width))) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = word;
  while (textWidth(rest) > width) {
    const piece = takeColumns(rest, width) || rest.charAt(0);
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...pieces, rest];
}

function takeColumns(text: string, width: number): string {
  let taken = '';
  let columns = 0;
  for (const character of text) {
    columns += textWidth(character);
    if (columns > width) break;
    taken += character;
  }
  return taken;
}
