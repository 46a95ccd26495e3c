/**
 * Every data message of WireGuard with its time, size and counter, as many as there is room for: what they are matched by with the
 * packets inside, and with what other vantage points saw. The first ones are kept; a session's row tells how many of its were.
 */
import type { WireguardMessage } from './wireguard-sessions.js';

export const MESSAGE_WORDS = 8;
/** Seconds since 1970, as a double. */
export const MESSAGE_SECONDS = 0;
export const MESSAGE_NANOSECONDS = 2;
/** Number of the session (wireguard-sessions.ts). */
export const MESSAGE_SESSION = 3;
/** UDP payload. */
export const MESSAGE_LENGTH = 4;
export const MESSAGE_COUNTER_LOW = 5;
export const MESSAGE_COUNTER_HIGH = 6;

const INITIAL_MESSAGES = 256;

export class WireguardSamples {
  count = 0;
  words: Int32Array = new Int32Array(INITIAL_MESSAGES * MESSAGE_WORDS);
  doubles: Float64Array = new Float64Array(this.words.buffer);
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  /** True if the message was kept. */
  add(message: WireguardMessage, session: number): boolean {
    if (this.count === this.most) return false;
    const at = this.count++ * MESSAGE_WORDS;
    if (at + MESSAGE_WORDS > this.words.length) this.grow();
    const words = this.words;
    this.doubles[(at + MESSAGE_SECONDS) >>> 1] = message.seconds;
    words[at + MESSAGE_NANOSECONDS] = message.nanoseconds;
    words[at + MESSAGE_SESSION] = session;
    words[at + MESSAGE_LENGTH] = message.length;
    words[at + MESSAGE_COUNTER_LOW] = message.counterLow;
    words[at + MESSAGE_COUNTER_HIGH] = message.counterHigh;
    return true;
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
  }
}
