/**
 * The sink for WireGuard's messages, after the flow table has counted their packets: sessions with their counters, handshakes, and
 * samples of data messages. All three are bounded; what does not fit is counted.
 */
import { NONE, WIREGUARD, type Decoded, type Level } from '../wire/decoded.js';
import * as udp from '../wire/udp.js';
import { ADDRESS_A, ADDRESS_B, rowStart } from './flow-row.js';
import type { FlowTable } from './flow-table.js';
import type { Sighting } from './sighting.js';
import { WireguardHandshakes } from './wireguard-handshakes.js';
import { WireguardSamples } from './wireguard-samples.js';
import { SESSION_KEPT, SESSION_WORDS, WireguardMessage, WireguardSessions } from './wireguard-sessions.js';

/** At most 18 MB with their bitmaps: a week of ten peers. */
const MOST_SESSIONS = 1 << 14;
/** At most 3 MB. */
const MOST_HANDSHAKES = 1 << 14;
/** At most 8 MB. */
const MOST_MESSAGES = 1 << 18;

export class WireguardTraffic {
  readonly sessions: WireguardSessions;
  readonly handshakes: WireguardHandshakes;
  readonly samples: WireguardSamples;
  /** Data messages that were counted in a session but not kept. */
  messagesNotKept = 0;
  private readonly message = new WireguardMessage();

  constructor(mostSessions = MOST_SESSIONS, mostHandshakes = MOST_HANDSHAKES, mostMessages = MOST_MESSAGES) {
    this.sessions = new WireguardSessions(mostSessions);
    this.handshakes = new WireguardHandshakes(mostHandshakes);
    this.samples = new WireguardSamples(mostMessages);
  }

  /** Takes those of a batch whose innermost level is a WireGuard message. */
  packets(
    decoded: readonly Decoded[],
    sightings: readonly Sighting[],
    count: number,
    view: DataView,
    table: FlowTable,
  ): void {
    for (let slot = 0; slot < count; slot++) {
      const d = decoded[slot]!;
      if (d.wireguardType === NONE || d.depth === 0) continue;
      const level = d.levels[d.depth - 1]!;
      if (level.flowId !== NONE) this.take(d, level, sightings[slot]!, view, table);
    }
  }

  private take(d: Decoded, level: Level, sighting: Sighting, view: DataView, table: FlowTable): void {
    const message = this.message;
    const row = rowStart(level.flowId);
    const isForward = level.flowDirection === 0;
    message.vantage = sighting.vantage;
    message.source = table.words[row + (isForward ? ADDRESS_A : ADDRESS_B)]!;
    message.destination = table.words[row + (isForward ? ADDRESS_B : ADDRESS_A)]!;
    message.ports = (level.sourcePort << 16) | level.destinationPort;
    message.seconds = sighting.seconds;
    message.nanoseconds = sighting.nanoseconds;
    if (d.wireguardType !== WIREGUARD.TransportData) {
      this.handshakes.add(message, d, level, view);
      return;
    }
    message.index = d.wireguardReceiver;
    message.counterHigh = d.wireguardCounterHigh;
    message.counterLow = d.wireguardCounterLow;
    // A first fragment has only a part of its message.
    message.length =
      level.isFragment === 0 ? level.payloadLength : udp.length(view, level.transportAt) - udp.HEADER_LENGTH;
    const session = this.sessions.add(message);
    if (session < 0) return;
    if (this.samples.add(message, session)) this.sessions.words[session * SESSION_WORDS + SESSION_KEPT]!++;
    else this.messagesNotKept++;
  }
}
