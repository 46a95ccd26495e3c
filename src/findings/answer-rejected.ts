/**
 * The client resets the answer to its SYN: it came from the pod's own address, not from the Service's that the client had called,
 * because nothing translated it back (C9, D7). Without br_netfilter that is so between pods of one node.
 */
import { counted } from '../base/counted.js';
import type { Connection } from '../model/document.js';
import { ConnectionGroups } from './connection-groups.js';
import type { Detector, Draft } from './detector.js';
import { partyName, serverName, serviceName } from './parties.js';

/** Zeek's history: SYN, SYN-ACK, and then an RST of the client without its ACK. */
const REJECTED = /^S[^A]*h[^A]*R/;

export function answerRejected(): Detector {
  const groups = new ConnectionGroups();
  return {
    see(connection) {
      const { protocol, history, client, dialed } = connection;
      if (protocol !== 'TCP' || dialed === null || !REJECTED.test(history)) return;
      groups.add(`${partyName(client)}\n${serverName(connection)}\n${dialed.address}`, connection);
    },
    drafts: () =>
      groups.all().map((group): Draft => {
        const { first, count } = group;
        return {
          kind: 'answer-rejected',
          severity: 'error',
          confidence: 'likely',
          title: `${partyName(first.client)} rejects the answers of ${serverName(first)}, because it called ${calledName(first)}`,
          facts: [
            `${counted(count, 'connection attempt')} answered with SYN-ACK, which the client reset.`,
            `The client called ${first.dialed?.address}; ${first.server.address} answered.`,
            ...(isOnOneNode(first) ? ['Both pods are on the same node.'] : []),
          ],
          meaning: 'Answers reach the client without being translated back, so that it knows nothing of them.',
          next: [
            {
              text: 'On the node of both: bridged packets have to pass netfilter.',
              command: 'lsmod | grep br_netfilter; sysctl net.bridge.bridge-nf-call-iptables',
            },
            {
              text: 'See whether connection tracking still knows the connection.',
              command: 'conntrack -S; conntrack -L',
            },
          ],
          alternatives: ['The client had given up before the answer came.'],
          ...group.citation(),
        };
      }),
  };
}

function calledName(connection: Connection): string {
  return serviceName(connection) ?? connection.dialed?.address ?? 'another address';
}

function isOnOneNode({ client, server }: Connection): boolean {
  return client.owner.node !== null && client.owner.node === server.owner.node;
}
