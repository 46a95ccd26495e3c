/** Set up, and then reset by the server before either side had closed it (C8; Zeek's RSTR). */
import { counted } from '../base/counted.js';
import type { Connection } from '../model/document.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft } from './detector.js';
import { partyName, serverName } from './parties.js';
import { commandLine } from './shell.js';

/** Zeek's history: a FIN of the client, or of the server. */
const CLOSING = /[Ff]/;

/** An end that had closed resets what comes after: that hurts nobody. */
function isAborted({ protocol, state, history }: Connection): boolean {
  return protocol === 'TCP' && state === 'RSTR' && !CLOSING.test(history);
}

export function connectionReset(): Detector {
  const groups = new ConnectionGroups();
  return {
    see(connection) {
      if (!isAborted(connection) || connection.leftover !== null) return;
      const hasAnswered = connection.serverToClient.payloadBytes > 0;
      groups.add(`${partyName(connection.client)}\n${serverName(connection)}\n${hasAnswered}`, connection);
    },
    drafts: () =>
      groups.all().map((group): Draft => {
        const { first, count } = group;
        const hasAnswered = first.serverToClient.payloadBytes > 0;
        return {
          kind: 'connection-reset',
          severity: 'warning',
          confidence: 'likely',
          title: `${serverName(first)} resets connections of ${partyName(first.client)} ${hasAnswered ? 'in the middle of its answer' : 'without an answer'}`,
          facts: [
            `${counted(count, 'connection')} set up and then ended by an RST from the server’s side, before either had closed.`,
            `The first had sent ${counted(first.clientToServer.uniquePayloadBytes, 'byte')} and got ${counted(first.serverToClient.uniquePayloadBytes, 'byte')}.`,
          ],
          meaning: 'The server’s process failed or gave the connection up, or something on the way did in its name.',
          next: nextSteps(first),
          alternatives: ['A middle box sent the RST: compare its TTL with that of the server’s other packets.'],
          ...group.citation(),
        };
      }),
  };
}

function nextSteps({ server, start }: Connection): Draft['next'] {
  const { namespace, name, kind } = server.owner;
  if (kind !== 'pod' || namespace === null || name === null) return [];
  return [
    {
      text: 'See what the server’s log says of this time, and whether it was restarted.',
      command: commandLine('kubectl', '-n', namespace, 'logs', name, '--since-time', start),
    },
  ];
}
