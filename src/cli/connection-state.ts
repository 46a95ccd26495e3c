/** How a connection went, in a word or two for people; the letters behind it are Zeek's `conn_state`. */
import type { Connection } from '../model/document.js';

const TCP_STATES: Readonly<Record<string, string>> = {
  S0: 'no answer',
  S1: 'open',
  SF: 'closed',
  REJ: 'refused',
  S2: 'half closed',
  S3: 'half closed',
  RSTO: 'reset',
  RSTR: 'reset',
  RSTOS0: 'given up',
  RSTRH: 'reset',
  SH: 'given up',
  SHR: 'partly seen',
  OTH: 'partly seen',
};

/** `closed`, `refused`, `no answer`, …; for protocols without states, whether there was an answer. */
export function stateText({ protocol, state, clientToServer, serverToClient }: Connection): string {
  if (protocol === 'TCP') return TCP_STATES[state] ?? state;
  return clientToServer.packets > 0 && serverToClient.packets > 0 ? 'answered' : 'one way';
}
