/** Finds the optional material beside the repository (PODTRAIL_SHARED or ../shared); tests that need it skip themselves. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

function find(): string | null {
  const candidates = [process.env['PODTRAIL_SHARED'], join(repositoryRoot, '../shared')];
  for (const candidate of candidates) {
    if (candidate !== undefined && existsSync(join(candidate, 'captures'))) return resolve(candidate);
  }
  return null;
}

/** Absolute path of shared/, or null where it is not there. */
export const sharedRoot: string | null = find();
