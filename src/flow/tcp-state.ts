/**
 * TCP endpoint states after Zeek (TCPSessionAdapter), from which `conn_state` and `history` follow.
 *
 * Per direction: the sender's state and the one before it, and all flags it ever sent. They share one word of the row:
 * states in bits 0-2 and 3-5, previous states in 6-8 and 9-11, flags in 16-23 and 24-31.
 * Not modelled: timers (a capture is judged as a whole) and checksums.
 */
import { INFO, INFO_CLIENT_DIRECTION, TCP_STATE } from './flow-row.js';

export const ENDPOINT = {
  Inactive: 0,
  SynSent: 1,
  SynAckSent: 2,
  /** Seen in mid-connection, without its SYN. */
  Partial: 3,
  Established: 4,
  Closed: 5,
  Reset: 6,
} as const;

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

const STATE_BITS = 3;
const STATE_MASK = 7;
const PREVIOUS_SHIFT = 6;
const FLAGS_SHIFT = 16;

export function endpointState(word: number, direction: number): number {
  return (word >>> (direction * STATE_BITS)) & STATE_MASK;
}

export function previousState(word: number, direction: number): number {
  return (word >>> (PREVIOUS_SHIFT + direction * STATE_BITS)) & STATE_MASK;
}

/** All flags that this direction sent, ORed. */
export function flagsSeen(word: number, direction: number): number {
  return (word >>> (FLAGS_SHIFT + direction * 8)) & 0xff;
}

function withState(word: number, direction: number, state: number): number {
  const shift = direction * STATE_BITS;
  const old = (word >>> shift) & STATE_MASK;
  if (old === state) return word;
  const cleared = word & ~((STATE_MASK << shift) | (STATE_MASK << (PREVIOUS_SHIFT + shift)));
  return cleared | (state << shift) | (old << (PREVIOUS_SHIFT + shift));
}

/** Moves the sender's state on by one segment. `payload` is its payload length in bytes. */
export function updateTcpState(row: Int32Array, at: number, direction: number, flags: number, payload: number): void {
  const word = row[at + TCP_STATE]! | ((flags & 0xff) << (FLAGS_SHIFT + direction * 8));
  const state = endpointState(word, direction);
  if (state === ENDPOINT.Established && (flags & (SYN | FIN | RST)) === 0) {
    row[at + TCP_STATE] = word;
    return;
  }
  const isClient = direction === (row[at + INFO]! & INFO_CLIENT_DIRECTION) ? 1 : 0;
  row[at + TCP_STATE] = nextState(word, state, direction, isClient, flags, payload);
}

function nextState(
  word: number,
  state: number,
  direction: number,
  isClient: number,
  flags: number,
  payload: number,
): number {
  switch (state) {
    case ENDPOINT.Inactive:
      return fromInactive(word, direction, isClient, flags, payload);
    case ENDPOINT.SynSent:
    case ENDPOINT.SynAckSent:
      return fromSynSent(word, direction, flags);
    case ENDPOINT.Partial:
    case ENDPOINT.Established:
      return fromEstablished(word, direction, flags);
    case ENDPOINT.Closed:
      // "Previously, our state was CLOSED, since we sent a FIN": a RST counts only while the peer has not closed as well.
      return (flags & RST) !== 0 && endpointState(word, 1 - direction) !== ENDPOINT.Closed
        ? withState(word, direction, ENDPOINT.Reset)
        : word;
    default:
      return word;
  }
}

function fromInactive(word: number, direction: number, isClient: number, flags: number, payload: number): number {
  const peer = 1 - direction;
  let next = word;
  if ((flags & SYN) !== 0) {
    if (isClient === 1) {
      next = withState(next, direction, (flags & ACK) !== 0 ? ENDPOINT.SynAckSent : ENDPOINT.SynSent);
    } else {
      if (endpointState(next, peer) === ENDPOINT.SynSent) next = withState(next, peer, ENDPOINT.Established);
      next = withState(next, direction, ENDPOINT.Established);
    }
  }
  if ((flags & FIN) !== 0) next = withState(next, direction, ENDPOINT.Closed);
  if ((flags & RST) !== 0) next = withState(next, direction, ENDPOINT.Reset);
  if (endpointState(next, direction) !== ENDPOINT.Inactive) return next;
  const peerState = endpointState(next, peer);
  // A bare ACK of a SYN before the SYN-ACK does not make the connection partial.
  if (isClient === 0 && payload === 0 && peerState === ENDPOINT.SynSent) return next;
  // SYN-ACK seen, SYN missed: the client's ACK completes the handshake.
  const completes = (flags & ACK) !== 0 && peerState === ENDPOINT.Established;
  return withState(next, direction, completes ? ENDPOINT.Established : ENDPOINT.Partial);
}

function fromSynSent(word: number, direction: number, flags: number): number {
  let next = word;
  if ((flags & FIN) !== 0) next = withState(next, direction, ENDPOINT.Closed);
  if ((flags & RST) !== 0) next = withState(next, direction, ENDPOINT.Reset);
  return next;
}

function fromEstablished(word: number, direction: number, flags: number): number {
  const peer = 1 - direction;
  let next = word;
  const isLateSyn = (flags & (SYN | ACK)) === SYN && endpointState(next, direction) === ENDPOINT.Partial;
  if (isLateSyn && endpointState(next, peer) === ENDPOINT.Inactive) next = withState(next, direction, ENDPOINT.SynSent);
  if ((flags & FIN) !== 0 && (flags & RST) === 0) {
    next = withState(next, direction, ENDPOINT.Closed);
    // "The peer sent a FIN followed by a RST": a normal end after all.
    if (endpointState(next, peer) === ENDPOINT.Reset && previousState(next, peer) === ENDPOINT.Closed) {
      next = withState(next, peer, ENDPOINT.Closed);
    }
  }
  if ((flags & RST) !== 0) next = withState(next, direction, ENDPOINT.Reset);
  return next;
}

const STATES_MASK = (1 << (4 * STATE_BITS)) - 1;

/**
 * @cold after reading
 * The states of a connection that was followed in two pieces, of which `later` began anew, knowing nothing of `earlier`.
 */
export function joinTcpStates(earlier: number, later: number): number {
  let word = (earlier & STATES_MASK) | ((earlier | later) & ~STATES_MASK);
  for (let direction = 0; direction < 2; direction++) {
    word = continueState(word, direction, later, endpointState(earlier, 1 - direction));
  }
  for (let direction = 0; direction < 2; direction++) {
    const peer = 1 - direction;
    const state = endpointState(word, direction);
    const isAnswered = (flagsSeen(later, peer) & SYN) !== 0;
    if (state === ENDPOINT.SynSent && isAnswered) word = withState(word, direction, ENDPOINT.Established);
    const closedBefore = state === ENDPOINT.Reset && previousState(word, direction) === ENDPOINT.Closed;
    if (closedBefore && endpointState(word, peer) === ENDPOINT.Closed)
      word = withState(word, direction, ENDPOINT.Closed);
  }
  return word;
}

/** One endpoint's part of it; `peerState` is the other's at the end of the earlier piece. */
function continueState(word: number, direction: number, later: number, peerState: number): number {
  const before = endpointState(word, direction);
  const state = endpointState(later, direction);
  if (state === ENDPOINT.Inactive || before === ENDPOINT.Reset) return word;
  if (before === ENDPOINT.Closed) return state === ENDPOINT.Reset ? withState(word, direction, state) : word;
  if (state === ENDPOINT.Partial) {
    if (before !== ENDPOINT.Inactive) return word;
    const completes = peerState === ENDPOINT.Established && (flagsSeen(later, direction) & ACK) !== 0;
    return withState(word, direction, completes ? ENDPOINT.Established : ENDPOINT.Partial);
  }
  const wasClosed = state === ENDPOINT.Reset && previousState(later, direction) === ENDPOINT.Closed;
  return withState(wasClosed ? withState(word, direction, ENDPOINT.Closed) : word, direction, state);
}

const UNANSWERED_THEN_RESET = /^\^?S[^HAFGIQ]*R/;

/**
 * Zeek's conn_state (base/protocols/conn), tests in Zeek's order. `payloadBytes` is of both directions; `history` is asked for in
 * the one case that needs it.
 */
export function tcpConnectionState(
  word: number,
  clientDirection: number,
  history: () => string,
  payloadBytes: number,
): string {
  const client = endpointState(word, clientDirection);
  const server = endpointState(word, 1 - clientDirection);
  const clientInactive = client === ENDPOINT.Inactive || client === ENDPOINT.Partial;
  const serverInactive = server === ENDPOINT.Inactive || server === ENDPOINT.Partial;
  if (server === ENDPOINT.Reset) {
    const isOnlySyn = client === ENDPOINT.SynSent || client === ENDPOINT.SynAckSent;
    if (isOnlySyn || (client === ENDPOINT.Reset && payloadBytes === 0)) return 'REJ';
    return clientInactive ? 'RSTRH' : 'RSTR';
  }
  if (client === ENDPOINT.Reset) {
    if (!serverInactive) return 'RSTO';
    return UNANSWERED_THEN_RESET.test(history()) ? 'RSTOS0' : 'OTH';
  }
  if (client === ENDPOINT.Closed && server === ENDPOINT.Closed) return 'SF';
  if (client === ENDPOINT.Closed) return serverInactive ? 'SH' : 'S2';
  if (server === ENDPOINT.Closed) return clientInactive ? 'SHR' : 'S3';
  if (client === ENDPOINT.SynSent && server === ENDPOINT.Inactive) return 'S0';
  if (client === ENDPOINT.Established && server === ENDPOINT.Established) return 'S1';
  return 'OTH';
}

/** Zeek's conn_state of protocols without a handshake: who sent anything. */
export function datagramConnectionState(clientPackets: number, serverPackets: number): string {
  if (clientPackets > 0) return serverPackets > 0 ? 'SF' : 'S0';
  return serverPackets > 0 ? 'SHR' : 'OTH';
}
