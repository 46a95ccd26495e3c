/**
 * Text from outside inside Markdown: for CommonMark and GitHub's dialect, so that a name in a report can neither format, link,
 * embed nor break out of the line it stands in.
 */
import { displayText } from './text.js';

/** What formats, links, embeds, mentions or begins HTML wherever it stands (CommonMark section 2.4 lets all of them be escaped). */
const MARKS = /[\\`*_{}[\]<>#!|~&@]/g;
/** What makes a list, a rule or a heading where it begins a line. */
const LINE_START = /^(\d{0,9})([-+.)](?=\s|$)|[-=](?=[-=\s]*$))/;
/** What GitHub makes a link of without brackets. */
const BARE_LINKS = /(:)(?=\/\/)|(?<=www)(\.)/gi;
const BACKTICKS = /`+/g;

/** The text on one line, without any meaning to Markdown. */
export function markdownText(text: string): string {
  return displayText(text).replace(MARKS, '\\$&').replace(BARE_LINKS, '\\$&').replace(LINE_START, '$1\\$2');
}

/** The text as a code span, whatever backticks it holds (CommonMark section 6.1). Empty text makes none. */
export function markdownCode(text: string): string {
  const shown = displayText(text);
  if (shown.trim() === '') return '';
  const longest = Math.max(0, ...Array.from(shown.matchAll(BACKTICKS), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const touches = shown.startsWith('`') || shown.endsWith('`') || (shown.startsWith(' ') && shown.endsWith(' '));
  return touches ? `${fence} ${shown} ${fence}` : `${fence}${shown}${fence}`;
}
