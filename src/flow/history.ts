/**
 * Zeek's connection history: which kinds of packets each side sent, as a string such as `ShADadFf`.
 *
 * Letters (Zeek's `conn.log` documentation): S SYN, H SYN-ACK, A bare ACK, D data, F FIN, R RST, I FIN with RST, Q other
 * combinations of SYN/FIN/RST, T retransmission, W zero window, G gap; upper case is the client's, lower case the
 * server's. Each letter stands once per side, at its first time; S, H, F and R again when their sequence number
 * changes; T, W and G again at every power of ten (of their count). Checksums ('C') are not verified and never written.
 *
 * Kept in the flow's row: 5 bits a letter (direction, then letter), 24 letters; what comes after them is dropped.
 */
import { HISTORY, HISTORY_INFO } from './flow-row.js';

export const LETTER = {
  Syn: 0,
  SynAck: 1,
  Ack: 2,
  Data: 3,
  Fin: 4,
  Rst: 5,
  FinRst: 6,
  MultiFlag: 7,
  Retransmission: 8,
  ZeroWindow: 9,
  Gap: 10,
} as const;
const LETTERS = 'SHADFRIQTWG';

const LETTERS_PER_WORD = 6;
const MAX_LETTERS = 24;
const BITS = 5;
const DIRECTION_BIT = 16;
const SYMBOL_MASK = 31;
/** HISTORY_INFO: 11 "seen" bits per direction from bit 0 and bit 11, the number of letters from bit 22. */
const SEEN_BITS = 11;
const COUNT_SHIFT = 22;

/** Notes a letter; `again` = 1 writes it although it was seen before. */
export function noteHistory(row: Int32Array, at: number, direction: number, letter: number, again: number): void {
  const info = row[at + HISTORY_INFO]!;
  const seen = 1 << (letter + direction * SEEN_BITS);
  if ((info & seen) !== 0 && again === 0) return;
  const count = info >>> COUNT_SHIFT;
  if (count >= MAX_LETTERS) return;
  const word = at + HISTORY + ((count / LETTERS_PER_WORD) | 0);
  row[word] = row[word]! | ((letter | (direction * DIRECTION_BIT)) << ((count % LETTERS_PER_WORD) * BITS));
  row[at + HISTORY_INFO] = (info | seen) + (1 << COUNT_SHIFT);
}

/** @cold after reading. Adds the letters of another row, a later piece of the same flow: each that its side has not yet. */
export function joinHistory(row: Int32Array, at: number, later: Int32Array, laterAt: number): void {
  const count = later[laterAt + HISTORY_INFO]! >>> COUNT_SHIFT;
  for (let i = 0; i < count; i++) {
    const symbol = symbolAt(later, laterAt, i);
    noteHistory(row, at, (symbol & DIRECTION_BIT) === 0 ? 0 : 1, symbol & (DIRECTION_BIT - 1), 0);
  }
}

/** Letter number i of the row, with its direction. */
function symbolAt(row: Int32Array, at: number, i: number): number {
  const word = row[at + HISTORY + Math.floor(i / LETTERS_PER_WORD)]!;
  return (word >>> ((i % LETTERS_PER_WORD) * BITS)) & SYMBOL_MASK;
}

/**
 * The string, with the client's letters in upper case; `^` in front when the client was decided against the first packet's
 * direction.
 */
export function historyText(row: Int32Array, at: number, clientDirection: number, isFlipped: boolean): string {
  let text = isFlipped ? '^' : '';
  const count = row[at + HISTORY_INFO]! >>> COUNT_SHIFT;
  for (let i = 0; i < count; i++) {
    const symbol = symbolAt(row, at, i);
    const letter = LETTERS[symbol & (DIRECTION_BIT - 1)]!;
    const direction = (symbol & DIRECTION_BIT) === 0 ? 0 : 1;
    text += direction === clientDirection ? letter : letter.toLowerCase();
  }
  return text;
}
