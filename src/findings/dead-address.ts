/** SYNs to an address that nobody has, or whose pod is gone (B1b, I4). */
import { counted } from '../base/counted.js';
import type { Connection } from '../model/document.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft } from './detector.js';
import { partyName, serviceName } from './parties.js';
import { commandLine } from './shell.js';

export function deadAddress(): Detector {
  const groups = new ConnectionGroups();
  return {
    see(connection, failure) {
      if (failure !== 'no such host') return;
      const { client, server } = connection;
      groups.add(`${partyName(client)}\n${server.address}\n${server.port}`, connection);
    },
    drafts: () =>
      groups.all().map((group): Draft => {
        const { first, count } = group;
        return {
          kind: 'dead-address',
          severity: 'error',
          confidence: 'likely',
          title: `${partyName(first.client)} calls ${addressName(first)}, which nobody has`,
          facts: [
            `${counted(count, 'connection attempt')} not answered.`,
            first.leftover === null
              ? `${first.server.address}: ${first.server.owner.reason || 'no owner is known'}.`
              : `The first was ${first.leftover.text}.`,
          ],
          meaning: 'The client has an address that is no longer, or never was, a pod’s.',
          next: nextSteps(first),
          alternatives: [
            'The inventory is older or younger than the capture, and lacks the pod.',
            'The address belongs to something that is not a pod, and drops the packets.',
          ],
          ...group.citation(),
        };
      }),
  };
}

function addressName({ server }: Connection): string {
  const address = server.address.includes(':') ? `[${server.address}]` : server.address;
  return server.port === null ? server.address : `${address}:${server.port}`;
}

function nextSteps(connection: Connection): Draft['next'] {
  const { service, server } = connection;
  const look = {
    text: 'See who has the address now.',
    command: commandLine(
      'kubectl',
      'get',
      'pods',
      '-A',
      '-o',
      'wide',
      '--field-selector',
      `status.podIP=${server.address}`,
    ),
  };
  if (service === null) return [look];
  return [
    {
      text: `See whether the EndpointSlices of ${serviceName(connection)} still name it.`,
      command: commandLine(
        'kubectl',
        '-n',
        service.namespace,
        'get',
        'endpointslices',
        '-l',
        `kubernetes.io/service-name=${service.name}`,
        '-o',
        'yaml',
      ),
    },
    look,
  ];
}
