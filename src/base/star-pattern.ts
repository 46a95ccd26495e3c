/**
 * Matching patterns with stars, for file names: a star is any run of characters, what the other parts mean is the caller's.
 *
 * Only the last star is remembered: if a later part does not match, that star takes one character more. So a match takes at most
 * (length of the pattern × length of the text) steps, whatever the pattern.
 */

/**
 * True if the parts of a pattern match a text of this length from its beginning to its end. `accepts` says whether a part
 * other than a star matches the character at a place.
 */
export function matchesStars<Part>(
  pattern: readonly Part[],
  isStar: (part: Part) => boolean,
  accepts: (part: Part, at: number) => boolean,
  length: number,
): boolean {
  let index = 0;
  let at = 0;
  let lastStar = -1;
  let starAt = 0;
  while (at < length) {
    const part = pattern[index];
    if (part !== undefined && isStar(part)) {
      lastStar = index++;
      starAt = at;
    } else if (part !== undefined && accepts(part, at)) {
      index++;
      at++;
    } else if (lastStar >= 0) {
      index = lastStar + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  return pattern.slice(index).every(isStar);
}
