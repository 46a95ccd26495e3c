/** How connections went, by their conn_state: the group that colours and filters go by, a sign, a word and a sentence. */
import { escapeHtml } from './figures.js';

const STATES = {
  S0: ['failed', '✕', 'no answer', 'The client sent SYN; no answer was captured.'],
  REJ: ['failed', '✕', 'refused', 'The server answered the SYN with RST.'],
  RSTOS0: ['failed', '✕', 'given up', 'The client sent SYN and then RST; nothing came back.'],
  SH: ['failed', '✕', 'no answer', 'The client sent SYN and then FIN; nothing came back.'],
  SF: ['complete', '✓', 'complete', 'Set up and closed by both sides.'],
  S1: ['open', '…', 'still open', 'Set up, and not closed before the capture ended.'],
  S2: ['open', '…', 'half closed', 'Set up; the client asked to close, the server did not answer that.'],
  S3: ['open', '…', 'half closed', 'Set up; the server asked to close, the client did not answer that.'],
  RSTO: ['reset', '↺', 'reset by client', 'Set up, then ended by an RST from the client.'],
  RSTR: ['reset', '↺', 'reset by server', 'Set up, then ended by an RST from the server.'],
  RSTRH: ['reset', '↺', 'reset by server', 'The server sent SYN-ACK and then RST; no SYN was captured.'],
  SHR: ['partial', '◐', 'one side', 'The server sent SYN-ACK and FIN; nothing of the client was captured.'],
  OTH: ['partial', '◐', 'start not seen', 'It had begun before the capture did.'],
};
const EXCHANGES = {
  SF: ['both', '⇄', 'both ways', 'Packets were seen in both directions.'],
  S0: ['oneway', '→', 'one way', 'Only the client was heard.'],
  SHR: ['oneway', '←', 'one way', 'Only the server was heard.'],
};

/** Group, sign, word and sentence of a conn_state. */
export function stateOf(protocol, state) {
  const table = protocol === 'TCP' || protocol === 'SCTP' ? STATES : EXCHANGES;
  return Object.hasOwn(table, state) ? table[state] : ['partial', '◐', state, ''];
}

/** The state with its sign. */
export function stateHtml(protocol, state) {
  const [group, sign, word] = stateOf(protocol, state);
  return `<span class="state ${group}" title="${escapeHtml(state)}"><i aria-hidden="true">${sign}</i> ${escapeHtml(word)}</span>`;
}
