/**
 * The most that an honest page has to hold: connections between random pods of a large cluster, each seen at four vantage points with a
 * jitter of its own. Nothing repeats but what repeats in such a cluster.
 */
import type { Connection, Endpoint, Hop, ReportDocument } from '../../../src/model/document.js';
import type { Owner } from '../../../src/model/owner.js';
import { SECOND, buildConnection, buildCounters, buildEndpoint, buildHop, buildOwner, vantagePoint } from './build.js';
import { at, seededRandom } from './random.js';
import { segmentsOf } from './segments.js';
import { documentOf } from './totals.js';

const NODES = 16;
const PODS = 3200;
const SECONDS = 600;
const HISTORIES = ['ShADadFf', 'ShAdDaFf', 'ShADadfF', 'ShADadttFf', 'ShADadR', 'ShAdDa'];

interface PlacedPod {
  readonly owner: Owner;
  readonly address: string;
  readonly node: number;
}

/** Connections between random pods, in order of time. */
export function randomPairsDocument(count: number): ReportDocument {
  const random = seededRandom(11);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pods = Array.from({ length: PODS }, (_, index) => placePod(index, below));
  const vantagePoints = Array.from({ length: 2 * NODES }, (_, id) => {
    const [node, device] = [`worker-${id >> 1}`, id % 2 === 0 ? 'cni0' : 'eth0'];
    return vantagePoint(id, `${node}/${device}`, node, device, id % 2 === 0 ? 'bridge' : 'underlay');
  });
  const rows = Array.from({ length: count }, (_, index) => {
    const startNs = Math.floor(((index + random()) / count) * SECONDS * SECOND);
    const [client, server] = [pods[below(PODS)], pods[below(PODS)]];
    if (client === undefined || server === undefined) throw new Error('no pod');
    return connect(index, client, server, startNs, below, (hops, paths) =>
      segmentsOf(hops, paths, vantagePoints, random),
    );
  });
  return documentOf(rows, { vantagePoints });
}

type Below = (limit: number) => number;

function hexadecimal(digits: number, below: Below): string {
  return Array.from({ length: digits }, () => below(16).toString(16)).join('');
}

/** As the pods of Deployments with ten replicas are. */
function placePod(index: number, below: Below): PlacedPod {
  const deployment = `service-${Math.floor(index / 10)}`;
  const hash = (0x7a3f9c21d * (1 + Math.floor(index / 10))).toString(36).slice(0, 9);
  const node = below(NODES);
  const owner = buildOwner({
    namespace: `team-${Math.floor(index / 160)}`,
    name: `${deployment}-${hash}-${(60_466_176 + below(1e9)).toString(36).slice(0, 5)}`,
    uid: [8, 4, 4, 4, 12].map((digits) => hexadecimal(digits, below)).join('-'),
    node: `worker-${node}`,
    workload: { kind: 'Deployment', name: deployment },
    labels: { 'app.kubernetes.io/name': deployment, 'pod-template-hash': hash },
    confidence: 'assumed',
    reason: 'the last snapshot that shows it (2026-11-23T13:40:00Z) is older',
  });
  return { owner, address: `10.244.${node}.${index % 250}`, node };
}

/** The ClusterIP of the pod's Deployment. */
function serviceOf({ owner }: PlacedPod): Endpoint {
  const number = Number(owner.workload?.name.replace('service-', ''));
  return buildEndpoint(`10.96.${number >> 8}.${number & 255}`, 80, owner);
}

function connect(
  index: number,
  client: PlacedPod,
  server: PlacedPod,
  startNs: number,
  below: Below,
  segments: (hops: readonly Hop[], paths: Connection['paths']) => Partial<Connection>,
): Connection {
  const durationNs = 20_000_000 + below(30 * SECOND);
  const [sent, received] = [
    buildCounters(10 + below(90), below(20_000)),
    buildCounters(10 + below(180), below(400_000)),
  ];
  const [clientPort, serverPort] = [32_768 + below(28_000), 1024 + below(9000)];
  // A third reaches its pod through a Service; what its node's bridge sees is before the translation.
  const service = index % 3 === 0 ? serviceOf(server) : null;
  const rttNs = 200_000 + below(40_000_000);
  const history = HISTORIES[below(HISTORIES.length)] ?? '';
  const outer = { source: `192.168.56.${10 + client.node}`, destination: `192.168.56.${10 + server.node}` };
  const path = [client.node * 2, client.node * 2 + 1, server.node * 2 + 1, server.node * 2];
  const hops = path.map((point, stage) => {
    const delay = stage * 30_000 + below(60_000);
    return buildHop({
      vantagePoint: point,
      clientSeenAs: { address: client.address, port: clientPort },
      serverSeenAs:
        service !== null && stage === 0
          ? { address: service.address, port: service.port }
          : { address: server.address, port: serverPort },
      encapsulation: point % 2 === 0 ? [] : [{ kind: 'VXLAN', tunnelId: 1, outer }],
      start: at(startNs + delay),
      end: at(startNs + durationNs + delay),
      history,
      // One hop in 20 lost or missed a packet.
      clientToServer: below(20) === 0 ? { ...sent, packets: sent.packets - 1 } : sent,
      serverToClient: received,
      handshakeRttNs: rttNs + below(100_000),
      clientTtl: 64 - (stage > 1 ? 1 : 0),
      serverTtl: 63,
    });
  });
  const first = hops[0] ?? buildHop();
  const paths = { clientToServer: [0, 1, 2, 3], serverToClient: [3, 2, 1, 0] };
  return buildConnection({
    id: `c-${(0x100000000000 + index * 0x9e3779b9).toString(16).slice(-12)}`,
    client: buildEndpoint(client.address, clientPort, client.owner),
    server: buildEndpoint(server.address, serverPort, server.owner),
    dialed: service,
    service:
      service === null
        ? null
        : { namespace: server.owner.namespace ?? '', name: server.owner.workload?.name ?? '', port: 'http' },
    nat: service === null ? [] : ['DNAT'],
    start: first.start,
    end: first.end,
    durationNs,
    history,
    clientToServer: sent,
    serverToClient: received,
    handshakeRttNs: rttNs,
    countedAt: first.vantagePoint,
    hops,
    paths,
    ...segments(hops, paths),
  });
}
