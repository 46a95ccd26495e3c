/**
 * One line of a connection tracking table: `conntrack -L` and `-E` with any `-o`, /proc/net/nf_conntrack and ip_conntrack.
 *
 *     [1795445144.05] [NEW] ipv4 2 tcp 6 120 SYN_SENT src=A dst=B sport=1 dport=2 [UNREPLIED] src=C dst=D sport=3 dport=4 id=5
 *
 * The first src, dst, sport and dport are the original direction, the second ones the reply's; NAT is where the reply is not the
 * original turned round. ICMP has `id` in the place of ports. Sources: conntrack(8), src/conntrack/snprintf_default.c of
 * libnetfilter_conntrack, net/netfilter/nf_conntrack_standalone.c of Linux.
 */
import type { AddressTable } from '../../base/address.js';
import { parseAddress } from '../addresses/address-text.js';
import type { Instant } from '../instants.js';

/** What a line says of its entry. */
export type ConntrackEvent = 'listed' | 'new' | 'update' | 'destroy';

/** One direction as its first packet has it: addresses are ids of the reader's table; ports are -1 until read. */
interface Direction {
  source: number;
  destination: number;
  sourcePort: number;
  destinationPort: number;
}

const EVENTS: Readonly<Record<string, ConntrackEvent>> = {
  '[NEW]': 'new',
  '[UPDATE]': 'update',
  '[DESTROY]': 'destroy',
};
const ICMP: ReadonlySet<number> = new Set([1, 58]);
const SPACE = 0x20;
const HIGHEST_PORT = 0xffff;
const HIGHEST_PROTOCOL = 255;

/** Reads lines; the fields are those of the last one that read() accepted. */
export class ConntrackLine {
  event: ConntrackEvent = 'listed';
  /** When the event happened; null where the line does not say it. */
  time: Instant | null = null;
  protocol = 0;
  readonly original: Direction = { source: -1, destination: -1, sourcePort: -1, destinationPort: -1 };
  readonly reply: Direction = { source: -1, destination: -1, sourcePort: -1, destinationPort: -1 };
  /** The kernel's number of the entry; null where the line has none. */
  id: number | null = null;
  /** Seconds since the entry was made (`-o timestamp` of a listing); null where the line does not say it. */
  ageSeconds: number | null = null;
  private readonly addresses: AddressTable;
  /** How many tuples have begun. */
  private tuples = 0;
  private isSound = true;

  constructor(addresses: AddressTable) {
    this.addresses = addresses;
  }

  /** False if the text is no entry. */
  read(line: string): boolean {
    this.reset();
    let words = 0;
    let previous = '';
    for (let at = 0; at < line.length;) {
      while (at < line.length && line.charCodeAt(at) <= SPACE) at++;
      let end = at;
      while (end < line.length && line.charCodeAt(end) > SPACE) end++;
      if (end === at) break;
      const word = line.slice(at, end);
      at = end;
      const equals = word.indexOf('=');
      if (equals > 0) this.member(word.slice(0, equals), word.slice(equals + 1));
      else if (word[0] === '[') this.mark(word);
      else if (this.tuples === 0 && words++ < 4) this.name(previous, word);
      previous = word;
      if (!this.isSound) return false;
    }
    return this.protocol > 0 && this.isWhole(this.original) && this.isWhole(this.reply);
  }

  /** True if the entry changes an address or a port. */
  get isTranslated(): boolean {
    const { original, reply } = this;
    return (
      original.source !== reply.destination ||
      original.destination !== reply.source ||
      original.sourcePort !== reply.destinationPort ||
      original.destinationPort !== reply.sourcePort
    );
  }

  private reset(): void {
    this.event = 'listed';
    this.time = null;
    this.protocol = 0;
    this.id = null;
    this.ageSeconds = null;
    this.tuples = 0;
    this.isSound = true;
    clear(this.original);
    clear(this.reply);
  }

  private isWhole(direction: Direction): boolean {
    if (direction.source < 0 || direction.destination < 0) return false;
    if (direction.sourcePort < 0) direction.sourcePort = 0;
    if (direction.destinationPort < 0) direction.destinationPort = 0;
    return true;
  }

  /** `[NEW]`, `[1795445144.056562]`; all others (`[UNREPLIED]`, `[ASSURED]`, `[start=...`) say nothing about addresses. */
  private mark(word: string): void {
    const event = EVENTS[word];
    if (event !== undefined) this.event = event;
    else if (this.tuples === 0 && /^\[\d{1,12}(\.\d{1,9})?\]$/.test(word)) this.time = Number(word.slice(1, -1));
  }

  /** `tcp 6`: the number of the protocol follows its name, as that of the family (`ipv4 2`) does. */
  private name(previous: string, word: string): void {
    if (this.protocol > 0 || !isDigit(word) || isDigit(previous) || previous === '') return;
    if (previous === 'ipv4' || previous === 'ipv6') return;
    const number = wholeNumber(word, HIGHEST_PROTOCOL);
    if (number > 0) this.protocol = number;
  }

  private member(key: string, value: string): void {
    switch (key) {
      case 'src':
        this.tuples++;
        if (this.tuples <= 2) this.current().source = this.address(value);
        return;
      case 'dst':
        if (this.tuples === 1 || this.tuples === 2) this.current().destination = this.address(value);
        return;
      case 'sport':
        this.current().sourcePort = this.port(value);
        return;
      case 'dport':
        this.current().destinationPort = this.port(value);
        return;
      case 'id':
        this.identifier(value);
        return;
      case 'delta-time':
        this.ageSeconds = wholeNumber(value, Number.MAX_SAFE_INTEGER);
        if (this.ageSeconds < 0) this.ageSeconds = null;
    }
  }

  private current(): Direction {
    return this.tuples < 2 ? this.original : this.reply;
  }

  private identifier(value: string): void {
    const direction = this.current();
    if (ICMP.has(this.protocol) && direction.sourcePort < 0) {
      direction.sourcePort = this.port(value);
      direction.destinationPort = direction.sourcePort;
      return;
    }
    const id = wholeNumber(value, Number.MAX_SAFE_INTEGER);
    this.id = id < 0 ? null : id;
  }

  private address(text: string): number {
    const bits = parseAddress(text);
    if (bits === null) {
      this.isSound = false;
      return -1;
    }
    const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = bits.words;
    return bits.family === 4 ? this.addresses.internIpv4(w0) : this.addresses.internIpv6(w0, w1, w2, w3);
  }

  private port(text: string): number {
    const port = wholeNumber(text, HIGHEST_PORT);
    if (port < 0) this.isSound = false;
    return port;
  }
}

function clear(direction: Direction): void {
  direction.source = -1;
  direction.destination = -1;
  direction.sourcePort = -1;
  direction.destinationPort = -1;
}

function isDigit(word: string): boolean {
  const code = word.charCodeAt(0);
  return code >= 0x30 && code <= 0x39;
}

/** A number of decimal digits up to `most`, else -1. */
function wholeNumber(text: string, most: number): number {
  if (text.length === 0 || text.length > 16) return -1;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= most ? value : -1;
}
