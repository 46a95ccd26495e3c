/**
 * Reads out of a file's name how its capture program placed it among the files of one rotation:
 *
 *     tcpdump -C        cap.pcap cap.pcap1 cap.pcap2 …
 *     tcpdump -C -W     cap.pcap00 cap.pcap01 … (a ring: the oldest need not be the first)
 *     tcpdump -G        cap-20261123-140210.pcap, cap-1795442530.pcap, cap-140210.pcap (strftime; with -C a number follows)
 *     dumpcap -b        cap_00001_20261123140210.pcap, editcap -c likewise; also with number and date the other way round
 */

export interface RotatedName {
  /** The path with `*` for number and date, without a suffix of compression: equal for all files of a rotation. */
  readonly stem: string;
  readonly kind: 'numbered' | 'numbered and dated' | 'dated' | 'time of day';
  /** Digits of the date, year first, or of the seconds since 1970, or of the time of day; empty if there are none. */
  readonly date: string;
  /** null if there is none: the first file of tcpdump -C. */
  readonly number: number | null;
}

const COMPRESSION_SUFFIX = /\.(gz|gzip|zst|zstd)$/i;
const YEAR = '(?:19|20)\\d\\d';
const MONTH = '(?:0[1-9]|1[0-2])';
const DAY = '(?:0[1-9]|[12]\\d|3[01])';
const HOUR = '(?:[01]\\d|2[0-3])';
const SIXTIETH = '[0-5]\\d';
const FULL_DATE = `${YEAR}${MONTH}${DAY}${HOUR}${SIXTIETH}${SIXTIETH}`;
const CLOCK = `${HOUR}[-_.:h]?${SIXTIETH}(?:[-_.:m]?${SIXTIETH})?`;

const NUMBER_THEN_DATE = new RegExp(`_(\\d{5,})_(${FULL_DATE})(?=\\.|$)`);
const DATE_THEN_NUMBER = new RegExp(`_(${FULL_DATE})_(\\d{5,})(?=\\.|$)`);
const DATE = new RegExp(`(?<!\\d)${YEAR}[-_.]?${MONTH}[-_.]?${DAY}(?:[-_.T ]?${CLOCK})?(?!\\d)`);
/** Seconds since 1970, of the years 2001 to 2033. */
const EPOCH_SECONDS = /(?<!\d)1\d{9}(?!\d)/;
/** Without separators: with them, addresses look alike. */
const TIME_OF_DAY = new RegExp(`(?<!\\d)${HOUR}${SIXTIETH}${SIXTIETH}(?!\\d)`);
const NUMBER_AT_END = /^(.*\.(?:pcap|pcapng|cap|dmp|dump)\.?)(\d{1,6})$/i;
const CAPTURE_SUFFIX = /\.(?:pcap|pcapng|cap|dmp|dump)$/i;

/** null if the name says nothing of a rotation. */
export function readRotatedName(path: string): RotatedName | null {
  const plain = path.replace(COMPRESSION_SUFFIX, '');
  const nameAt = Math.max(plain.lastIndexOf('/'), plain.lastIndexOf('\\')) + 1;
  const place = readName(plain.slice(nameAt));
  return place === null ? null : { ...place, stem: plain.slice(0, nameAt) + place.stem };
}

function readName(name: string): RotatedName | null {
  const ahead = NUMBER_THEN_DATE.exec(name);
  if (ahead !== null) return numberedAndDated(name, ahead, ahead[2]!, ahead[1]!);
  const behind = DATE_THEN_NUMBER.exec(name);
  if (behind !== null) return numberedAndDated(name, behind, behind[1]!, behind[2]!);
  const numbered = NUMBER_AT_END.exec(name);
  const base = numbered === null ? name : numbered[1]!;
  const number = numbered === null ? null : Number(numbered[2]);
  const dated = DATE.exec(base) ?? EPOCH_SECONDS.exec(base);
  if (dated !== null) return { stem: without(base, dated), kind: 'dated', date: digitsOf(dated[0]), number };
  const timed = TIME_OF_DAY.exec(base);
  if (timed !== null) return { stem: without(base, timed), kind: 'time of day', date: timed[0], number };
  if (number === null && !CAPTURE_SUFFIX.test(base)) return null;
  return { stem: `${base}*`, kind: 'numbered', date: '', number };
}

function numberedAndDated(name: string, match: RegExpExecArray, date: string, number: string): RotatedName {
  return { stem: without(name, match), kind: 'numbered and dated', date, number: Number(number) };
}

function without(name: string, match: RegExpExecArray): string {
  return `${name.slice(0, match.index)}*${name.slice(match.index + match[0].length)}`;
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, '');
}

/** Seconds since 1970 that a date of kind `dated` or `numbered and dated` stands for, taken as UTC. */
export function secondsOfDate(date: string): number {
  if (date.startsWith('1') && date.length === 10) return Number(date);
  const part = (at: number): number => Number(date.slice(at, at + 2) || '0');
  return Date.UTC(Number(date.slice(0, 4)), part(4) - 1, part(6), part(8), part(10), part(12)) / 1000;
}

/** Seconds since midnight of a `time of day`. */
export function secondsOfClock(clock: string): number {
  return Number(clock.slice(0, 2)) * 3600 + Number(clock.slice(2, 4)) * 60 + Number(clock.slice(4, 6));
}
