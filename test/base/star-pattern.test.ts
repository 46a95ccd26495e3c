import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesStars } from '../../src/base/star-pattern.js';

/** `*` is any run, `?` any character. */
function matches(pattern: string, text: string): boolean {
  return matchesStars(
    [...pattern],
    (part) => part === '*',
    (part, at) => part === '?' || part === text[at],
    text.length,
  );
}

test('agrees with regular expressions', () => {
  const letters = (...characters: string[]): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...characters), { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(letters('a', 'b', '?', '*'), letters('a', 'b', 'c'), (pattern, text) => {
      const expression = pattern.replaceAll('*', '.*').replaceAll('?', '.');
      expect(matches(pattern, text)).toBe(new RegExp(`^${expression}$`).test(text));
    }),
    { numRuns: 2000 },
  );
});

test('takes no more steps than pattern times text', () => {
  const text = 'a'.repeat(2000);
  const pattern = [...'*a'.repeat(40), 'b'];
  let steps = 0;
  const isMatch = matchesStars(
    pattern,
    (part) => part === '*',
    (part, at) => (steps++, part === text[at]),
    text.length,
  );
  expect(isMatch).toBe(false);
  expect(steps).toBeLessThanOrEqual(pattern.length * text.length);
});
