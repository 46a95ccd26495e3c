/** Commands to be copied into a shell. Names come from outside: what is not plainly a word is quoted (POSIX.1-2017, XCU 2.2.2). */

const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** The words as a command line; safe whatever they hold. */
export function commandLine(...words: readonly string[]): string {
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
