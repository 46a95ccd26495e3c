/** Dropped by NetworkPolicy: policies deny the connection, and nothing answered it (B1a, H1, H3). */
import { counted } from '../base/counted.js';
import type { Connection, PolicyEnd } from '../model/document.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft, FindingFacts } from './detector.js';
import { partyName, serverName } from './parties.js';
import { commandLine } from './shell.js';

const OUTCOMES: ReadonlySet<string> = new Set(['denied and dropped', 'denied and rejected']);
const MOST_REASONS = 6;

export function policyDrop(): Detector {
  const groups = new ConnectionGroups();
  return {
    see(connection) {
      if (!OUTCOMES.has(connection.policy?.outcome ?? '')) return;
      const { client, protocol } = connection;
      groups.add([partyName(client), serverName(connection), protocol, denialOf(connection)].join('\n'), connection);
    },
    drafts: (facts) =>
      groups.all().map((group): Draft => {
        const { first, count } = group;
        const isLogged = first.hops.some(({ nflogPrefix }) => nflogPrefix !== null);
        const isLost = first.deadEnds.length > 0;
        return {
          kind: 'policy-drop',
          severity: 'error',
          confidence: isLogged ? 'confirmed' : 'likely',
          title: `NetworkPolicy keeps ${partyName(first.client)} from ${serverName(first)}`,
          facts: [
            `${counted(count, `${first.protocol} connection`)} not answered.`,
            ...denyingEnds(first).flatMap(([, end]) => sentencesOf(end, facts)),
            ...(first.policy?.remarks ?? []),
          ],
          meaning: denyingEnds(first)
            .map(([side, { reason }]) => `${side}: ${reason}.`)
            .join(' '),
          next: nextSteps(first),
          alternatives: isLogged || isLost ? [] : ['Something else than the policy dropped it as well.'],
          ...group.citation(),
        };
      }),
  };
}

function denyingEnds({ policy }: Connection): (readonly [string, PolicyEnd])[] {
  if (policy === null) return [];
  const ends = [
    ['Egress of the client', policy.egress],
    ['Ingress of the server', policy.ingress],
  ] as const;
  return ends.filter(([, end]) => end.verdict === 'denied');
}

function denialOf(connection: Connection): string {
  return denyingEnds(connection)
    .map(([side, { reason }]) => `${side}: ${reason}`)
    .join('\n');
}

function sentencesOf({ misses }: PolicyEnd, { policies }: FindingFacts): string[] {
  return misses.slice(0, MOST_REASONS).map(({ policy, rule, reasons, lines }) => {
    const known = policies?.policies[policy];
    const name = known === undefined ? 'a policy' : `${known.kind} ${known.namespace ?? ''}/${known.name}`;
    const where =
      known === undefined || known.file === null || lines === null ? '' : ` (${known.file}, line ${lines.first})`;
    return `${rule === null ? name : `Rule ${rule} of ${name}`}${where}: ${reasons.join('; ')}.`;
  });
}

function nextSteps({ client, server }: Connection): Draft['next'] {
  const denied = server.owner.namespace ?? client.owner.namespace;
  return [
    {
      text: 'See every rule that was asked, and why each missed.',
      command: 'podtrail policy explain CAPTURES --inventory INVENTORY',
    },
    {
      text: 'Let podtrail write the rule that is missing, and check it against this traffic.',
      command: 'podtrail policy suggest CAPTURES --inventory INVENTORY',
    },
    ...(denied === null
      ? []
      : [
          {
            text: 'Compare with what is in force now.',
            command: commandLine('kubectl', '-n', denied, 'get', 'networkpolicies', '-o', 'yaml'),
          },
        ]),
  ];
}
