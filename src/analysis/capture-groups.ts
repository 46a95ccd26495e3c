/**
 * The captures of a request, put in order: which are one rotated capture, which were given twice, which cannot be read at all.
 *
 * Files that `--vantage` gives the same node and interface are one vantage point as well, in order of time.
 */
import { PodtrailError } from '../base/errors.js';
import { compareTimestamps, type Timestamp } from '../base/time.js';
import { findDuplicates } from '../capture/duplicates.js';
import { peekCapture, STANDARD_INPUT, type CapturePeek } from '../capture/open.js';
import { groupRotations } from '../capture/rotation.js';
import { matchesFile } from './file-pattern.js';
import type { AnalysisRequest } from './request.js';

export interface CaptureFile {
  readonly path: string;
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** Null for standard input and pipes. */
  readonly sizeBytes: number | null;
  /** Of the first packet that has one; null if none does among the first, or it cannot be told beforehand. */
  readonly firstTime: Timestamp | null;
}

export interface CaptureGroup {
  /** For people: the path, or what the paths of a rotated capture have in common. */
  readonly name: string;
  readonly files: readonly CaptureFile[];
  /** What the user said of it with --vantage. */
  readonly node: string | null;
  readonly interface: string | null;
}

/** A group with its number in the run, which is its place in the order of the report. */
export interface NumberedGroup {
  readonly number: number;
  readonly group: CaptureGroup;
}

export interface CaptureProblem {
  readonly message: string;
  readonly hint: string | null;
}

export interface PreparedCaptures {
  readonly groups: readonly CaptureGroup[];
  /** Inputs that cannot be read. */
  readonly failures: readonly CaptureProblem[];
  /** Inputs that are left out because they repeat another. */
  readonly duplicates: readonly CaptureProblem[];
}

export async function prepareCaptures(request: AnalysisRequest): Promise<PreparedCaptures> {
  const failures: CaptureProblem[] = [];
  const peeks: CapturePeek[] = [];
  const streams: CaptureFile[] = [];
  for (const path of new Set(request.captures)) {
    try {
      const peek = await peekCapture(path);
      if (peek === null) streams.push({ path, compression: 'none', sizeBytes: null, firstTime: null });
      else peeks.push(peek);
    } catch (error) {
      if (!(error instanceof PodtrailError)) throw error;
      failures.push({ message: error.message, hint: error.hint });
    }
  }
  const duplicates = await findDuplicates(peeks);
  const repeated = new Set(duplicates.map(({ path }) => path));
  const originals = peeks.filter(({ path }) => !repeated.has(path));
  return {
    groups: [...groupFiles(originals, request), ...streams.map((file) => streamGroup(file, request))],
    failures,
    duplicates: duplicates.map(({ path, original, why }) => ({
      message: `${path}: left out, it is ${why === 'same file' ? 'the same file as' : 'a copy of'} ${original}`,
      hint: null,
    })),
  };
}

function groupFiles(peeks: readonly CapturePeek[], request: AnalysisRequest): CaptureGroup[] {
  const named = new Map<string, { node: string | null; interface: string | null; files: CapturePeek[] }>();
  const rest: CapturePeek[] = [];
  for (const peek of peeks) {
    const vantage = request.vantages.find(({ file }) => matchesFile(file, peek.path));
    if (vantage === undefined) {
      rest.push(peek);
      continue;
    }
    const key = `${vantage.node ?? ''}/${vantage.interface ?? ''}`;
    const group = named.get(key);
    if (group === undefined) named.set(key, { node: vantage.node, interface: vantage.interface, files: [peek] });
    else group.files.push(peek);
  }
  const groups = groupRotations(rest).map(({ name, files }) => ({ name, node: null, interface: null, files }));
  const byUser = [...named.values()].map((group) => ({
    ...group,
    name: group.files.length === 1 ? group.files[0]!.path : `${group.node ?? ''}/${group.interface ?? ''}`,
    files: group.files.sort(compareFirstTimes),
  }));
  // In the order in which the first file of each was given, so that the document follows the command line.
  const position = new Map(peeks.map((peek, index) => [peek.path, index]));
  const firstGiven = (files: readonly CapturePeek[]): number =>
    Math.min(...files.map(({ path }) => position.get(path) ?? 0));
  return [...groups, ...byUser]
    .sort((a, b) => firstGiven(a.files) - firstGiven(b.files))
    .map((group) => ({
      ...group,
      files: group.files.map(({ path, compression, size, firstTime }) => ({
        path,
        compression,
        sizeBytes: size,
        firstTime,
      })),
    }));
}

function compareFirstTimes(a: CapturePeek, b: CapturePeek): number {
  if (a.firstTime === null || b.firstTime === null) return 0;
  return compareTimestamps(a.firstTime, b.firstTime);
}

function streamGroup(file: CaptureFile, request: AnalysisRequest): CaptureGroup {
  const vantage = request.vantages.find((candidate) => matchesFile(candidate.file, file.path));
  const name = file.path === STANDARD_INPUT ? 'standard input' : file.path;
  return { name, files: [file], node: vantage?.node ?? null, interface: vantage?.interface ?? null };
}
