/**
 * WireGuard's handshake messages as they were seen: initiations, responses and cookie replies, each with what MAC1 covers and MAC1
 * itself, so that it can be checked later which public key it was made for. The first ones are kept, the others counted.
 */
import { WIREGUARD, type Decoded, type Level } from '../wire/decoded.js';
import type { WireguardMessage } from './wireguard-sessions.js';

/** Message types, for those who read what was kept. */
export { WIREGUARD };

/** Bytes of an initiation up to the end of MAC1; responses and cookie replies are shorter. */
const MOST_BYTES = 132;
const HEADER_WORDS = 10;
export const HANDSHAKE_WORDS = HEADER_WORDS + MOST_BYTES / 4 + 1;
/** Seconds since 1970, as a double. */
export const HANDSHAKE_SECONDS = 0;
export const HANDSHAKE_NANOSECONDS = 2;
export const HANDSHAKE_VANTAGE = 3;
export const HANDSHAKE_SOURCE = 4;
export const HANDSHAKE_DESTINATION = 5;
/** Source port in the upper 16 bits. */
export const HANDSHAKE_PORTS = 6;
/** WIREGUARD message type. */
export const HANDSHAKE_TYPE = 7;
export const HANDSHAKE_SENDER = 8;
export const HANDSHAKE_RECEIVER = 9;
/** How many bytes of the message were captured, a multiple of 4, and they themselves, as big-endian words. */
export const HANDSHAKE_CAPTURED = 10;
export const HANDSHAKE_MESSAGE = 11;

const INITIAL_HANDSHAKES = 16;
const WORD_BYTES = 4;

export class WireguardHandshakes {
  count = 0;
  notKept = 0;
  words: Int32Array = new Int32Array(INITIAL_HANDSHAKES * HANDSHAKE_WORDS);
  doubles: Float64Array = new Float64Array(this.words.buffer);
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** Keeps the handshake message in `d`, whose addresses and time are those of `message`. */
  add(message: WireguardMessage, d: Decoded, level: Level, view: DataView): void {
    if (this.count === this.most) {
      this.notKept++;
      return;
    }
    const at = this.count++ * HANDSHAKE_WORDS;
    if (at + HANDSHAKE_WORDS > this.words.length) this.grow();
    const words = this.words;
    this.doubles[(at + HANDSHAKE_SECONDS) >>> 1] = message.seconds;
    words[at + HANDSHAKE_NANOSECONDS] = message.nanoseconds;
    words[at + HANDSHAKE_VANTAGE] = message.vantage;
    words[at + HANDSHAKE_SOURCE] = message.source;
    words[at + HANDSHAKE_DESTINATION] = message.destination;
    words[at + HANDSHAKE_PORTS] = message.ports;
    words[at + HANDSHAKE_TYPE] = d.wireguardType;
    words[at + HANDSHAKE_SENDER] = d.wireguardType === WIREGUARD.CookieReply ? 0 : d.wireguardSender;
    words[at + HANDSHAKE_RECEIVER] = d.wireguardType === WIREGUARD.Initiation ? 0 : d.wireguardReceiver;
    const captured = level.payloadCaptured < MOST_BYTES ? level.payloadCaptured & -WORD_BYTES : MOST_BYTES;
    words[at + HANDSHAKE_CAPTURED] = captured;
    for (let i = 0; i < captured; i += WORD_BYTES) {
      words[at + HANDSHAKE_MESSAGE + i / WORD_BYTES] = view.getInt32(level.payloadAt + i);
    }
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
  }
}
