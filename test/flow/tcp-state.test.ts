/**
 * Zeek's conn_state and history (its documentation of conn.log, "conn_state" and "history"), on conversations written in history's
 * own letters: upper case is sent by the client on port 5000, lower case by the server on port 80.
 */
import { describe, expect, test } from '@jest/globals';
import { FLAG, type Packet, TCP, Tracking } from './tracking.js';

const CLIENT_SEQUENCE = 1000;
const SERVER_SEQUENCE = 7000;
const DATA = 10;

const FLAGS: Readonly<Record<string, number>> = {
  s: FLAG.syn,
  h: FLAG.syn | FLAG.ack,
  a: FLAG.ack,
  d: FLAG.ack,
  f: FLAG.fin | FLAG.ack,
  r: FLAG.rst,
  i: FLAG.fin | FLAG.rst | FLAG.ack,
  q: FLAG.syn | FLAG.fin,
  w: FLAG.ack,
};

/**
 * Packets of a conversation; sequence numbers follow from what was sent before. A repeated SYN has the number of the first, `t` repeats
 * the sender's last data.
 */
function conversation(script: string): Packet[] {
  const next = { client: CLIENT_SEQUENCE, server: SERVER_SEQUENCE };
  return [...script].map((letter, index): Packet => {
    const kind = letter.toLowerCase();
    const sender = letter === kind ? 'server' : 'client';
    const peer = sender === 'client' ? 'server' : 'client';
    const isRepeat = kind === 't';
    const isSyn = kind === 's' || kind === 'h';
    const flags = isRepeat ? FLAG.ack : FLAGS[kind]!;
    const payload = kind === 'd' || isRepeat ? DATA : 0;
    if (isSyn) next[sender] = sender === 'client' ? CLIENT_SEQUENCE : SERVER_SEQUENCE;
    const sequence = isRepeat ? next[sender] - DATA : next[sender];
    if (!isRepeat) next[sender] += payload + (isSyn || kind === 'f' ? 1 : 0);
    return {
      protocol: TCP,
      ...(sender === 'client'
        ? { source: 1, destination: 2, sourcePort: 5000, destinationPort: 80 }
        : { source: 2, destination: 1, sourcePort: 80, destinationPort: 5000 }),
      payload,
      tcp: { sequence, acknowledgement: next[peer], flags, window: kind === 'w' ? 0 : 1024 },
      at: index * 1000,
    };
  });
}

function outcomeOf(script: string): { state: string; history: string } {
  const tracking = new Tracking();
  for (const packet of conversation(script)) tracking.see(packet);
  const flows = tracking.flows();
  expect(flows.length).toBe(1);
  flows.load(0);
  const client = flows.clientDirection;
  // Address 10.0.0.1 is the smaller id only if it was met first.
  expect(flows.addressTable.text(client === 0 ? flows.addressA : flows.addressB)).toBe('10.0.0.1');
  return { state: flows.state(client), history: flows.history(client) };
}

describe('conn_state, one row and more per value of the documentation', () => {
  test.each([
    ['S0', 'S', 'connection attempt seen, no reply'],
    ['S0', 'SSS', 'repeated attempts'],
    ['S1', 'ShA', 'established, not terminated'],
    ['S1', 'ShADad', 'established, with data'],
    ['SF', 'ShADadFaf', 'normal establishment and termination'],
    ['SF', 'ShAFf', 'the same without data'],
    ['SF', 'ShAdDafFA', 'closed by the server first'],
    ['REJ', 'Sr', 'connection attempt rejected'],
    ['REJ', 'SrSr', 'rejected, tried again'],
    ['S2', 'ShADFa', 'established, close by the originator, no reply from the responder'],
    ['S3', 'ShADadf', 'established, close by the responder, no reply from the originator'],
    ['RSTO', 'ShADadR', 'established, originator aborted'],
    ['RSTO', 'ShAR', 'aborted right after the handshake'],
    ['RSTR', 'ShADadr', 'the responder sent a RST'],
    ['RSTR', 'ShADFr', 'the responder answers the close with a RST'],
    ['RSTOS0', 'SR', 'a SYN followed by a RST, never a SYN-ACK'],
    ['RSTRH', 'hr', 'the responder sent a SYN-ACK followed by a RST, never a SYN'],
    ['SH', 'SF', 'a SYN followed by a FIN, never a SYN-ACK'],
    ['SH', 'SADF', 'only one side was captured'],
    ['SHR', 'hf', 'the responder sent a SYN-ACK followed by a FIN, never a SYN'],
    ['OTH', 'Dd', 'no SYN seen, just midstream traffic'],
    ['OTH', 'A', 'a lone ACK'],
  ])('%s: %s, %s', (state, script) => {
    expect(outcomeOf(script).state).toBe(state);
  });

  // Zeek's test scripts.base.protocols.conn.conn_state-RST-behavior.
  test.each([
    ['R', 'OTH'],
    ['SR', 'RSTOS0'],
    ['SaR', 'RSTOS0'],
    ['SaFR', 'OTH'],
  ])('a RST after little: %s is %s', (script, state) => {
    expect(outcomeOf(script)).toEqual({ state, history: script });
  });
});

describe('history', () => {
  test.each([
    ['ShADadFf', 'ShADadFf', 'as it was sent'],
    ['ShADDDaaddFf', 'ShADadFf', 'each letter once per side'],
    ['SSShA', 'ShA', 'a repeated SYN has the same sequence number'],
    ['ShAFFf', 'ShAFFf', 'a FIN again where its sequence number is another'],
    ['ShADTadt', 'ShADTadt', 'retransmissions of each side'],
    ['ShADTTTTTTTTTTTTad', 'ShADTTad', 'retransmissions again at the tenth'],
    ['ShADaw', 'ShADaw', 'a zero window'],
    ['Qr', 'Qr', 'SYN and FIN together'],
    ['ShADI', 'ShADI', 'FIN and RST together'],
    ['had', '^had', 'the client is not who sent the first packet'],
    ['dD', '^dD', 'nor here, by the ports'],
  ])('of %s is %s: %s', (script, history) => {
    expect(outcomeOf(script).history).toBe(history);
  });

  test('notes the first loss that the other side does not miss', () => {
    const tracking = new Tracking();
    const [syn, synAck, ack, data, , more] = conversation('ShADDDa') as [
      Packet,
      Packet,
      Packet,
      Packet,
      Packet,
      Packet,
    ];
    const answer = conversation('ShADDDa').at(-1)!;
    for (const packet of [syn, synAck, ack, data, more, answer]) tracking.see(packet);
    const flows = tracking.flows();
    flows.load(0);
    expect(flows.history(flows.clientDirection)).toBe('ShADaG');
    expect(flows.uniquePayloadBytes(flows.clientDirection)).toBe(2 * DATA);
  });

  // Zeek's TCPSessionAdapter writes R again when the sequence number is not that of the last RST of the same side.
  test.each([
    [[0, 0], 'ShADR', 'the one that is expected, twice'],
    [[5, 5, 5], 'ShADR', 'another one, over and over'],
    [[0, 1460, 4380], 'ShADRRR', 'three guesses of an injector'],
    [[5, 0, 5], 'ShADRRR', 'there and back'],
    [[0, 'D', 0], 'ShADR', 'the same one again behind more data'],
    [[0, 'D', DATA], 'ShADRR', 'the expected one once more, behind more data'],
    [[5, 'D', 'D', 5, 2 * DATA], 'ShADRR', 'beside the stream, then its end'],
  ])('of RSTs at %j behind the data is %s: %s', (steps, history) => {
    const tracking = new Tracking();
    const before = conversation('ShAD');
    for (const packet of before) tracking.see(packet);
    const last = before.at(-1)!;
    const start = last.tcp!.sequence + DATA;
    let next = start;
    for (const step of steps) {
      if (typeof step === 'number') {
        tracking.see({ ...last, payload: 0, tcp: { sequence: start + step, flags: FLAG.rst } });
      } else {
        tracking.see({ ...last, tcp: { sequence: next, flags: FLAG.ack } });
        next += DATA;
      }
    }
    const flows = tracking.flows();
    flows.load(0);
    expect(flows.history(flows.clientDirection)).toBe(history);
    expect(flows.uniquePayloadBytes(flows.clientDirection)).toBe(next - start + DATA);
  });

  test('has a RST that is all that one side ever sent once, and again where it changes', () => {
    const [syn, reset] = conversation('Sr') as [Packet, Packet];
    const tracking = new Tracking();
    for (const sequence of [0, 0, 7, 7]) {
      tracking.see(syn);
      tracking.see({ ...reset, tcp: { ...reset.tcp!, sequence } });
    }
    const flows = tracking.flows();
    flows.load(0);
    expect(flows.history(flows.clientDirection)).toBe('Srr');
  });

  test('ends after 24 letters', () => {
    const script = 'ShADadF' + 'Ff'.repeat(20);
    expect(outcomeOf(script).history).toBe(`ShADadFFfFfFfFfFfFfFfFfF`);
  });
});
