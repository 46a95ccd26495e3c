/** Refused: a host answered the SYN with RST, because nothing listens there or a firewall says so (B2; Zeek's REJ). */
import { counted } from '../base/counted.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft } from './detector.js';
import { endpointName, partyName, serverName, serviceName } from './parties.js';
import { commandLine } from './shell.js';
import type { Connection } from '../model/document.js';

export function connectionRefused(): Detector {
  const groups = new ConnectionGroups();
  return {
    see(connection, failure) {
      if (failure !== 'refused') return;
      const { client } = connection;
      groups.add(`${partyName(client)}\n${serverName(connection)}\n${serviceName(connection)}`, connection);
    },
    drafts: () =>
      groups.all().map((group): Draft => {
        const { first, count } = group;
        const service = serviceName(first);
        const through = service === null ? '' : ` through ${service}`;
        return {
          kind: 'connection-refused',
          severity: 'error',
          confidence: 'confirmed',
          title: `${partyName(first.client)} is refused by ${serverName(first)}${through}`,
          facts: [
            `${counted(count, 'connection attempt')} answered with RST.`,
            `${endpointName(first.server)} answered: the address is alive, and nothing accepts connections on port ${first.server.port}.`,
            ...(service === null
              ? []
              : [
                  `${service} sends its clients to port ${first.server.port} of its pods: is that what they listen on?`,
                ]),
          ],
          meaning: 'The network carries the packets; the server’s side turns them away.',
          next: nextSteps(first),
          alternatives: [],
          ...group.citation(),
        };
      }),
  };
}

function nextSteps({ server, service }: Connection): Draft['next'] {
  const { owner } = server;
  const steps: Draft['next'][number][] = [];
  if (owner.kind === 'pod' && owner.namespace !== null && owner.name !== null) {
    steps.push({
      text: 'See what the pod listens on, and on which address.',
      command: commandLine('kubectl', '-n', owner.namespace, 'exec', owner.name, '--', 'ss', '-ltn'),
    });
  }
  if (service !== null) {
    steps.push({
      text: 'Compare the targetPort of the Service with the port that the container listens on.',
      command: commandLine('kubectl', '-n', service.namespace, 'get', 'service', service.name, '-o', 'yaml'),
    });
  }
  return steps;
}
