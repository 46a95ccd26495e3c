/** Which file a user means in `--vantage FILE=…`: its path, its name without the folder, or a pattern with `*` and `?`. */
import { matchesStars } from '../base/star-pattern.js';

export function matchesFile(pattern: string, path: string): boolean {
  const normal = path.replaceAll('\\', '/');
  const wanted = pattern.replaceAll('\\', '/');
  const candidate = wanted.includes('/') ? normal : normal.slice(normal.lastIndexOf('/') + 1);
  if (wanted === candidate) return true;
  const characters = [...candidate];
  return matchesStars(
    [...wanted],
    (part) => part === '*',
    (part, at) => part === '?' || part === characters[at],
    characters.length,
  );
}
