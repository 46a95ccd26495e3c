/**
 * Groups the files that one capture program wrote one after the other: they are one vantage point, to be read in order of
 * time.
 *
 * Two nodes or pods joined by mistake would be worse than a rotation missed. So the names must be equal but for number
 * and date (rotated-name.ts), format and interfaces must be equal, and the first packets must come in the order, and where there
 * is a date, at the time, that the names say. Copies of the same file are to be taken out first (duplicates.ts).
 */
import { compareTimestamps, type Timestamp } from '../base/time.js';
import { readRotatedName, secondsOfClock, secondsOfDate, type RotatedName } from './rotated-name.js';

export interface RotationCandidate {
  readonly path: string;
  readonly format: string;
  /** Interfaces described before the first packet. */
  readonly interfaces: readonly { readonly name: string | null; readonly linkType: number }[];
  readonly firstTime: Timestamp | null;
}

export interface RotationGroup<T> {
  /** The path of a file that stands alone; else what the paths have in common, with `*` for number and date. */
  readonly name: string;
  /** In order of time. */
  readonly files: readonly T[];
}

interface Member<T> {
  readonly file: T;
  readonly place: RotatedName;
}

/** A file's name is local time; its packets are UTC. No zone is further off than this. */
const LARGEST_ZONE_SECONDS = 15 * 3600;
/** Time zones differ from UTC by multiples of this. */
const ZONE_STEP_SECONDS = 900;
/** tcpdump names a file when it handles the first packet, which the kernel may have held back a little. */
const EARLIEST_FIRST_PACKET = -3;
const LATEST_FIRST_PACKET = 1;

/** The groups come in the order in which the first of their files is given. */
export function groupRotations<T extends RotationCandidate>(files: readonly T[]): RotationGroup<T>[] {
  const alike = new Map<string, Member<T>[]>();
  for (const file of files) {
    const place = readRotatedName(file.path) ?? { stem: file.path, kind: 'numbered', date: '', number: null };
    const key = [place.stem, place.kind, place.date.length, file.format, describeInterfaces(file)].join('\0');
    const members = alike.get(key);
    if (members === undefined) alike.set(key, [{ file, place }]);
    else members.push({ file, place });
  }
  return [...alike.values()].flatMap((members): RotationGroup<T>[] => {
    const ordered = orderRotation(members);
    if (ordered === null) return members.map(({ file }) => ({ name: file.path, files: [file] }));
    return [{ name: members[0]!.place.stem, files: ordered.map(({ file }) => file) }];
  });
}

function describeInterfaces(file: RotationCandidate): string {
  return file.interfaces.map(({ name, linkType }) => `${name ?? ''}/${linkType}`).join(',');
}

/** Files whose names are alike, in order of time; null if they cannot be one rotation. */
function orderRotation<T extends RotationCandidate>(members: readonly Member<T>[]): Member<T>[] | null {
  if (members.length < 2) return null;
  const ordered = [...members].sort((a, b) => comparePlaces(a.place, b.place));
  if (ordered.some((member, index) => index > 0 && comparePlaces(ordered[index - 1]!.place, member.place) === 0)) {
    return null; // the same place twice
  }
  const hasNumber = (number: number | null): boolean => ordered.some(({ place }) => place.number === number);
  if (ordered[0]!.place.kind === 'numbered' && hasNumber(null) && hasNumber(0)) return null; // no program writes both
  const descents = findDescents(ordered);
  if (descents.length > (isRing(ordered) ? 1 : 0)) return null;
  const start = descents[0] ?? 0;
  const rotated = [...ordered.slice(start), ...ordered.slice(0, start)];
  return rotated.every(({ file, place }, index) => isTimePlausible(file.firstTime, place, index === 0))
    ? rotated
    : null;
}

function comparePlaces(a: RotatedName, b: RotatedName): number {
  const byNumber = (a.number ?? -1) - (b.number ?? -1);
  if (a.kind === 'numbered and dated') return byNumber;
  return a.date < b.date ? -1 : a.date > b.date ? 1 : byNumber;
}

/**
 * Whether the order of places may start anywhere: tcpdump -W begins again at 0, a time of day at midnight. Without a number
 * in the first name it is tcpdump -C alone, which goes on for ever.
 */
function isRing<T>(ordered: readonly Member<T>[]): boolean {
  const { kind, number } = ordered[0]!.place;
  return kind === 'time of day' || (kind === 'numbered' && number !== null);
}

/** Indexes of the files whose first packet is older than that of the file before. */
function findDescents<T extends RotationCandidate>(ordered: readonly Member<T>[]): number[] {
  const descents: number[] = [];
  let previous: Timestamp | null = null;
  ordered.forEach(({ file }, index) => {
    if (file.firstTime === null) return;
    if (previous !== null && compareTimestamps(file.firstTime, previous) < 0) descents.push(index);
    previous = file.firstTime;
  });
  return descents;
}

/** Whether a file of this name can begin with a packet of this time. The first file may have waited for its first packet. */
function isTimePlausible(firstTime: Timestamp | null, place: RotatedName, isFirst: boolean): boolean {
  if (firstTime === null) return true;
  switch (place.kind) {
    case 'numbered':
      return true;
    case 'dated':
    case 'numbered and dated':
      return firstTime.seconds >= secondsOfDate(place.date) - LARGEST_ZONE_SECONDS;
    case 'time of day': {
      if (isFirst) return true;
      const late = firstTime.seconds - secondsOfClock(place.date) - EARLIEST_FIRST_PACKET;
      const offset = ((late % ZONE_STEP_SECONDS) + ZONE_STEP_SECONDS) % ZONE_STEP_SECONDS;
      return offset <= LATEST_FIRST_PACKET - EARLIEST_FIRST_PACKET;
    }
  }
}
