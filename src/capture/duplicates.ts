/**
 * Notices a capture that is given twice: by another path to the same file, or as a copy under another name, compressed or
 * not. Captures without packets are all alike and are never taken for copies.
 */
import type { CapturePeek } from './open.js';
import { haveSameContent } from './source/file-identity.js';

export interface Duplicate {
  readonly path: string;
  /** The first path given of the same capture. */
  readonly original: string;
  readonly why: 'same file' | 'same content';
}

/** The duplicates among `captures`, each with the capture before it that it repeats. Reads only those whose heads are equal. */
export async function findDuplicates(captures: readonly CapturePeek[]): Promise<Duplicate[]> {
  const originals: CapturePeek[] = [];
  const duplicates: Duplicate[] = [];
  for (const capture of captures) {
    const duplicate = await duplicateOf(capture, originals);
    if (duplicate === null) originals.push(capture);
    else duplicates.push(duplicate);
  }
  return duplicates;
}

/** Whether only a full comparison can tell the two apart. */
export function mayBeCopies(a: CapturePeek, b: CapturePeek): boolean {
  if (a.firstTime === null || a.fingerprint !== b.fingerprint) return false;
  return a.compression !== b.compression || a.compression !== 'none' || a.size === b.size;
}

async function duplicateOf(capture: CapturePeek, originals: readonly CapturePeek[]): Promise<Duplicate | null> {
  for (const original of originals) {
    if (original.identity === capture.identity) {
      return { path: capture.path, original: original.path, why: 'same file' };
    }
  }
  for (const original of originals) {
    if (mayBeCopies(original, capture) && (await haveSameContent(original.path, capture.path))) {
      return { path: capture.path, original: original.path, why: 'same content' };
    }
  }
  return null;
}
