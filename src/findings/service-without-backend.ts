/** A Service that led to no pod: it has no ready endpoints, or no rule on the client's node (B3). */
import { counted } from '../base/counted.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft } from './detector.js';
import { partyName, serverName } from './parties.js';
import { commandLine } from './shell.js';

export function serviceWithoutBackend(): Detector {
  const groups = new ConnectionGroups();
  return {
    see(connection, failure) {
      if (failure !== 'no backend') return;
      groups.add(`${partyName(connection.client)}\n${serverName(connection)}`, connection);
    },
    drafts: () =>
      groups.all().map((group): Draft => {
        const { first, count } = group;
        const { namespace, name } = first.server.owner;
        const refused = first.state === 'REJ';
        return {
          kind: 'service-without-backend',
          severity: 'error',
          confidence: refused ? 'likely' : 'possible',
          title: `${partyName(first.client)} calls Service ${serverName(first)}, which leads to no pod`,
          facts: [
            `${counted(count, 'connection attempt')} to the Service’s own address ${refused ? 'refused' : 'not answered'}.`,
            'No packet of them was seen on its way to a pod.',
          ],
          meaning: 'Nobody stands behind the Service, or the client’s node does not know who does.',
          next: [
            {
              text: 'See whether the Service has ready endpoints.',
              command: commandLine(
                ...['kubectl', '-n', namespace ?? 'default', 'get', 'endpointslices'],
                ...['-l', `kubernetes.io/service-name=${name}`],
              ),
            },
            {
              text: 'Compare the selector of the Service with the labels of its pods.',
              command: commandLine('kubectl', '-n', namespace ?? 'default', 'describe', 'service', name ?? ''),
            },
          ],
          alternatives: [
            'The packets were translated where nothing was captured, and the pod did not answer.',
            'kube-proxy or its replacement does not run on the client’s node.',
          ],
          ...group.citation(),
        };
      }),
  };
}
