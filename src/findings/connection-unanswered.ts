/** SYNs that nothing answered, for no reason that another finding gives (B1c, B1d; Zeek's S0). */
import { counted } from '../base/counted.js';
import type { Connection } from '../model/document.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft, FindingFacts, SetupFailure } from './detector.js';
import { endpointName, partyName, serverName } from './parties.js';
import { commandLine } from './shell.js';

type Place = Extract<SetupFailure, 'lost on the way' | 'server silent' | 'unanswered'>;

const PLACES: readonly Place[] = ['lost on the way', 'server silent', 'unanswered'];

export function connectionUnanswered(): Detector {
  const byPlace = new Map(PLACES.map((place) => [place, new ConnectionGroups()]));
  return {
    see(connection, failure) {
      const groups = byPlace.get(failure as Place);
      groups?.add(`${partyName(connection.client)}\n${serverName(connection)}`, connection);
    },
    drafts: (facts) =>
      [...byPlace].flatMap(([place, groups]) =>
        groups.all().map((group): Draft => {
          const { first, count } = group;
          const words = WORDS[place](first, facts);
          return {
            kind: 'connection-unanswered',
            severity: 'error',
            title: `${partyName(first.client)} gets no answer from ${serverName(first)}`,
            ...words,
            facts: [`${counted(count, 'connection attempt')} not answered.`, ...words.facts],
            ...group.citation(),
          };
        }),
      ),
  };
}

type Words = Pick<Draft, 'confidence' | 'facts' | 'meaning' | 'next' | 'alternatives'>;

const WORDS: Readonly<Record<Place, (connection: Connection, facts: FindingFacts) => Words>> = {
  'lost on the way': (connection, { vantagePoints }) => {
    const end = connection.deadEnds.find(({ direction }) => direction === 'client to server');
    const nameOf = (id: number | undefined): string => vantagePoints[id ?? -1]?.name ?? 'an unknown place';
    const from = nameOf(connection.hops[end?.from ?? -1]?.vantagePoint);
    const to = nameOf(end?.expectedAt);
    return {
      confidence: 'likely',
      facts: [`Last seen at ${from}; ${to} was capturing and shows other such packets, but not these.`],
      meaning: `They were lost or dropped between ${from} and ${to}.`,
      next: [
        {
          text: 'Look at the firewall rules and drop counters of the node between the two.',
          command: 'nft list ruleset; ip -s link',
        },
      ],
      alternatives: ['A capture filter that is not known hid them at the second place.'],
    };
  },
  'server silent': ({ server }) => ({
    confidence: 'likely',
    facts: [`The packets reached the device of ${endpointName(server)}.`],
    meaning: 'The network delivered them; the server’s side did not answer.',
    next: [
      {
        text: 'See whether its listen queue overflows, or a firewall inside the pod drops them.',
        command:
          server.owner.namespace === null || server.owner.name === null
            ? null
            : commandLine(
                'kubectl',
                '-n',
                server.owner.namespace,
                'exec',
                server.owner.name,
                '--',
                'sh',
                '-c',
                'ss -ltn; nstat -az TcpExtListenOverflows',
              ),
      },
    ],
    alternatives: ['The answer took another way that was not captured.'],
  }),
  unanswered: () => ({
    confidence: 'possible',
    facts: ['Where they were lost was not captured.'],
    meaning: 'The client waits, sends again and gives up.',
    next: [{ text: 'Capture on the server’s node and at its pod as well.', command: null }],
    alternatives: ['The answer took another way that was not captured.', 'A firewall on the way dropped the packets.'],
  }),
};
