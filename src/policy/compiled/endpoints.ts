/** Ends of connections by number, so that what policies ask of an end is found out once. */
import { canonicalList, type Cluster, type Pod } from '../cluster.js';
import type { Connection, ConnectionEnd } from '../connection.js';
import { type EndView, viewEnds } from '../end-view.js';
import type { Endpoint } from './peer-set.js';
import { hasOnlyIpv4 } from './pod-index.js';
import { namedPorts } from './port-set.js';

export class Endpoints {
  readonly list: Endpoint[] = [];
  private readonly cluster: Cluster;
  private readonly podNumbers = new Map<Pod, number>();
  /** Of ends whose address was seen: their view does not depend on the other end. */
  private readonly byEnd = new Map<string, number>();
  private readonly byView = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    cluster.pods.forEach((pod, number) => this.podNumbers.set(pod, number));
  }

  /** Numbers of both ends; the same end has the same number. */
  of({ source, destination }: Connection): [number, number] {
    const sourceKey = keyOf(source);
    const destinationKey = keyOf(destination);
    const from = sourceKey === null ? undefined : this.byEnd.get(sourceKey);
    const to = destinationKey === null ? undefined : this.byEnd.get(destinationKey);
    if (from !== undefined && to !== undefined) return [from, to];
    const views = viewEnds(this.cluster, source, destination);
    return [this.number(sourceKey, views[0]), this.number(destinationKey, views[1])];
  }

  private number(endKey: string | null, view: EndView): number {
    const pod = view.pod === null ? -1 : (this.podNumbers.get(view.pod) ?? -1);
    const viewKey = `${view.kind} ${pod} ${view.node ?? ''} ${view.address ?? ''}`;
    let number = this.byView.get(viewKey);
    if (number === undefined) {
      number = this.list.length;
      this.list.push({
        pod,
        view,
        isAddressInPods:
          view.pod !== null && hasOnlyIpv4(view.pod) && view.address === canonicalList(view.pod.addresses)[0],
        isHostPod: view.pod?.hostNetwork === true,
        namedPorts: view.pod === null ? [] : namedPorts(view.pod),
        isUnsure: view.kind === 'unknown' || view.kind === 'service' || view.words === null,
        mayBeNode: view.node !== null || (view.address !== null && this.cluster.isSomeNode(view.address)),
        isUnknownNode: view.node === null ? view.kind === 'node' : this.cluster.node(view.node) === null,
      });
      this.byView.set(viewKey, number);
    }
    if (endKey !== null) this.byEnd.set(endKey, number);
    return number;
  }
}

function keyOf(end: ConnectionEnd): string | null {
  if (end.address === null) return null;
  switch (end.kind) {
    case 'pod':
      return `pod ${end.pod} ${end.uid ?? ''} ${end.address}`;
    case 'node':
      return `node ${end.node ?? ''} ${end.address}`;
    default:
      return `${end.kind} ${end.address}`;
  }
}
