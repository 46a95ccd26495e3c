/** Which file a user means in `--vantage FILE=…`: its path, its name without the folder, or a pattern with `*` and `?`. */

export function matchesFile(pattern: string, path: string): boolean {
  const normal = path.replaceAll('\\', '/');
  const wanted = pattern.replaceAll('\\', '/');
  const candidate = wanted.includes('/') ? normal : normal.slice(normal.lastIndexOf('/') + 1);
  if (wanted === candidate) return true;
  return /[*?]/.test(wanted) && matchesGlob(wanted, candidate);
}

/** `*` is any run of characters, `?` any one. Linear in practice: on a mismatch only the last `*` is extended. */
function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t]) && pattern[p] !== '*') {
      p++;
      t++;
    } else if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
