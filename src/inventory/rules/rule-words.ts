/**
 * One rule of `iptables-save` as words: `-A CHAIN -p tcp -m comment --comment "a \"b\"" -j TARGET`, with or without counters in
 * front (`[12:720]`, -c). Quotes and escapes as iptables-save writes them (libxtables, xtables_save_string).
 */

const LONGEST_RULE = 1 << 14;

export interface Rule {
  readonly chain: string;
  /** Where it jumps or goes to, or what it does: `KUBE-SVC-…`, `DNAT`, `REJECT`. */
  readonly target: string;
  readonly comment: string;
  /** `tcp`, `udp`, `sctp` or a number; null where it does not say. */
  readonly protocol: string | null;
  /** As written, with prefix; null where there is none, or where it is inverted (`! -d`). */
  readonly destination: string | null;
  /** Single ports of --dport and --dports. */
  readonly destinationPorts: readonly number[];
  /** Of DNAT. */
  readonly toDestination: string | null;
}

/** Reads a line that begins a rule (`-A`); null if it is none. */
export function readRule(line: string): Rule | null {
  const words = splitWords(line.replace(/^\[\d+:\d+\] /, ''));
  if (words === null || words[0] !== '-A' || words[1] === undefined) return null;
  let target = '';
  let comment = '';
  let protocol: string | null = null;
  let destination: string | null = null;
  let destinationPorts: readonly number[] = [];
  let toDestination: string | null = null;
  for (let i = 2; i < words.length; i++) {
    const value = words[i + 1] ?? '';
    const isInverted = words[i - 1] === '!';
    switch (words[i]) {
      case '-j':
      case '-g':
        target = value;
        break;
      case '--comment':
        comment = value;
        break;
      case '-p':
        if (!isInverted) protocol = value;
        break;
      case '-d':
        if (!isInverted) destination = value;
        break;
      case '--dport':
      case '--dports':
        if (!isInverted) destinationPorts = value.split(',').filter(isPort).map(Number);
        break;
      case '--to-destination':
        toDestination = value;
        break;
      default:
        continue;
    }
    i++;
  }
  return { chain: words[1], target, comment, protocol, destination, destinationPorts, toDestination };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 0xffff;
}

function splitWords(line: string): string[] | null {
  if (line.length > LONGEST_RULE) return null;
  const words: string[] = [];
  let word = '';
  let isQuoted = false;
  let hasBegun = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (isQuoted && character === '\\' && i + 1 < line.length) {
      word += line[++i]!;
    } else if (character === '"') {
      isQuoted = !isQuoted;
      hasBegun = true;
    } else if (!isQuoted && (character === ' ' || character === '\t')) {
      if (hasBegun) words.push(word);
      word = '';
      hasBegun = false;
    } else {
      word += character;
      hasBegun = true;
    }
  }
  if (hasBegun) words.push(word);
  return isQuoted ? null : words;
}
