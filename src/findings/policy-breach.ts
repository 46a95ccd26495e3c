/** Established although NetworkPolicy denies it (H2). */
import { counted } from '../base/counted.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft } from './detector.js';
import { partyName, serverName } from './parties.js';

export function policyBreach(): Detector {
  const groups = new ConnectionGroups();
  return {
    see(connection) {
      if (connection.policy?.outcome !== 'denied but established') return;
      groups.add(`${partyName(connection.client)}\n${serverName(connection)}`, connection);
    },
    drafts: () =>
      groups.all().map((group): Draft => ({
        kind: 'policy-breach',
        severity: 'warning',
        confidence: 'possible',
        title: `${partyName(group.first.client)} talks to ${serverName(group.first)}, which NetworkPolicy denies`,
        facts: [
          `${counted(group.count, 'connection')} established although the policies deny ${group.count === 1 ? 'it' : 'them'}.`,
          ...(group.first.policy?.remarks ?? []),
        ],
        meaning: 'What is meant to be closed is open.',
        next: [
          {
            text: 'See whether the network plugin enforces policies on both nodes.',
            command: 'kubectl -n kube-system get pods -o wide',
          },
        ],
        alternatives: [
          'The network plugin does not enforce policies.',
          'The policies were changed between the capture and the snapshot.',
          'The connection is older than the policy.',
        ],
        ...group.citation(),
      })),
  };
}
