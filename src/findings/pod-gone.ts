/** Packets of an established connection went on to an address after its pod had gone (I4; D6 is the same with UDP). */
import { counted } from '../base/counted.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft } from './detector.js';
import { partyName, serviceName } from './parties.js';
import { commandLine } from './shell.js';

export function podGone(): Detector {
  const groups = new ConnectionGroups();
  return {
    see(connection, failure) {
      const { leftover, client, server } = connection;
      if (leftover === null || failure !== null) return;
      groups.add(`${partyName(client)}\n${leftover.pod.uid ?? leftover.pod.name}\n${server.port}`, connection);
    },
    drafts: () =>
      groups.all().map((group): Draft => {
        const { first, count } = group;
        const gone = first.leftover?.pod;
        const goneName = `${gone?.namespace ?? ''}/${gone?.name ?? ''}`;
        return {
          kind: 'pod-gone',
          severity: 'error',
          confidence: 'likely',
          title: `${partyName(first.client)} still sends to ${goneName} (${first.server.address}), which is gone`,
          facts: [`${counted(count, 'connection')}; the packets of the first were ${first.leftover?.text ?? ''}.`],
          meaning: 'The connection was not told that its pod ended; whoever has the address now gets its packets.',
          next: [
            ...(first.service === null
              ? []
              : [
                  {
                    text: `See whether ${serviceName(first)} dropped the pod before it ended.`,
                    command: commandLine(
                      ...['kubectl', '-n', first.service.namespace, 'get', 'endpointslices', '-o', 'yaml'],
                      ...['-l', `kubernetes.io/service-name=${first.service.name}`],
                    ),
                  },
                ]),
            {
              text: 'See what connection tracking on the client’s node still leads there.',
              command: commandLine('conntrack', '-L', '-d', first.server.address),
            },
          ],
          alternatives: ['The inventory’s times of the pod are not those of the capture’s clock.'],
          ...group.citation(),
        };
      }),
  };
}
