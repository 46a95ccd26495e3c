/** Ends of connections by number, so that what policies ask of an end is found out once. */
import { canonicalList, type Cluster, type Pod } from '../cluster.js';
import type { Connection, ConnectionEnd } from '../connection.js';
import { type EndView, viewEnds } from '../end-view.js';
import type { PortNames } from './named-ports.js';
import type { Endpoint } from './peer-set.js';
import { hasOnlyIpv4 } from './pod-index.js';
import { namedPorts } from './port-set.js';

/** An end that was looked up: one of those with the same kind and the same first name. */
interface KnownEnd {
  readonly end: ConnectionEnd;
  readonly number: number;
  readonly next: KnownEnd | undefined;
}

type Kind = ConnectionEnd['kind'];

export class Endpoints {
  readonly list: Endpoint[] = [];
  private readonly cluster: Cluster;
  private readonly portNames: PortNames;
  private readonly podNumbers = new Map<Pod, number>();
  /**
   * Ends whose address was seen, as their view does not depend on the other end: pods by name, others by address. No text is put
   * together to find one, which took most of the time.
   */
  private readonly known: Readonly<Record<Kind, Map<string, KnownEnd>>> = {
    pod: new Map(),
    node: new Map(),
    external: new Map(),
    service: new Map(),
    unknown: new Map(),
  };
  private readonly byView = new Map<string, number>();

  constructor(cluster: Cluster, portNames: PortNames) {
    this.cluster = cluster;
    this.portNames = portNames;
    cluster.pods.forEach((pod, number) => this.podNumbers.set(pod, number));
  }

  /** Numbers of both ends; the same end has the same number. */
  of({ source, destination }: Connection): [number, number] {
    const from = this.find(source);
    const to = this.find(destination);
    if (from !== undefined && to !== undefined) return [from.number, to.number];
    const [first, second] = viewEnds(this.cluster, source, destination);
    return [this.note(source, this.number(first)), this.note(destination, this.number(second))];
  }

  private find(end: ConnectionEnd): KnownEnd | undefined {
    if (end.address === null) return undefined;
    let known = this.known[end.kind].get(nameOf(end));
    while (known !== undefined && !isSame(known.end, end)) known = known.next;
    return known;
  }

  private note(end: ConnectionEnd, number: number): number {
    if (end.address !== null && this.find(end) === undefined) {
      const ofKind = this.known[end.kind];
      const name = nameOf(end);
      ofKind.set(name, { end, number, next: ofKind.get(name) });
    }
    return number;
  }

  private number(view: EndView): number {
    const pod = view.pod === null ? -1 : (this.podNumbers.get(view.pod) ?? -1);
    const viewKey = `${view.kind} ${pod} ${view.node ?? ''} ${view.address ?? ''}`;
    let number = this.byView.get(viewKey);
    if (number === undefined) {
      const named = view.pod === null ? [] : namedPorts(view.pod);
      number = this.list.length;
      this.list.push({
        pod,
        view,
        isAddressInPods:
          view.pod !== null && hasOnlyIpv4(view.pod) && view.address === canonicalList(view.pod.addresses)[0],
        isHostPod: view.pod?.hostNetwork === true,
        namedPorts: named,
        portNames: this.portNames.of(named),
        isUnsure: view.kind === 'unknown' || view.kind === 'service' || view.words === null,
        mayBeNode: view.node !== null || (view.address !== null && this.cluster.isSomeNode(view.address)),
        isUnknownNode: view.node === null ? view.kind === 'node' : this.cluster.node(view.node) === null,
      });
      this.byView.set(viewKey, number);
    }
    return number;
  }
}

function nameOf(end: ConnectionEnd): string {
  return end.kind === 'pod' ? end.pod : (end.address ?? '');
}

/** Whether two ends of the same kind with the same name are one. */
function isSame(a: ConnectionEnd, b: ConnectionEnd): boolean {
  if (a.kind === 'pod') return b.kind === 'pod' && a.address === b.address && a.uid === b.uid;
  return a.kind !== 'node' || (b.kind === 'node' && a.node === b.node);
}
