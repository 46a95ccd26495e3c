/**
 * Text that came from outside (packets, labels, names, file names) made fit to be shown to people.
 *
 * Such text may hold control characters, bidirectional overrides that reorder what is read (CVE-2021-42574), invisible
 * characters, line separators or half of a surrogate pair. Each becomes U+FFFD, so that the reader sees that there was
 * something. Escaping for a format (HTML, CSV) is the business of its writer.
 */

const UNFIT =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
const LINE_BREAKS = /[\t\r\n]+/g;

/** The text on one line, without anything that cannot be seen or that moves what is around it. */
export function displayText(text: string): string {
  return text.replace(LINE_BREAKS, ' ').replace(UNFIT, '\ufffd');
}

/** At most `length` characters, the middle replaced by an ellipsis: both ends of a pod's name tell it from others. */
export function cutMiddle(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  const tail = Math.floor((length - 1) / 2);
  const head = length - 1 - tail;
  return characters.slice(0, head).join('') + '…' + characters.slice(characters.length - tail).join('');
}
