/**
 * Where packets that reached one vantage point are to be seen next, as far as other connections and the places tell: where packets to
 * the same address, or to the same node, went on from there, else on the device of the pod that they are addressed to.
 *
 * A filter that a capture was taken with is not known. A vantage point counts for a kind of packets only if it showed their addresses,
 * ports and protocol, or so many different ones of each that no filter by one of them can have been at work.
 */
import type { DeadEnd } from '../../model/document.js';
import type { FlowSet } from '../flow-set.js';
import type { Places } from '../hop-order.js';
import type { PathHop } from './path-packets.js';
import { ReceiverIndex } from './receiver-index.js';

const NONE = -1;
const SEVERAL = -2;
const IPV4 = 4;
/** As many different addresses or ports as no filter names one by one. */
const UNFILTERED = 3;
const MOST_LEARNED = 1_000_000;

/** A vantage point where packets are expected, and how that is known. */
export interface OnwardPoint {
  readonly vantage: number;
  readonly knownBy: DeadEnd['knownBy'];
}

/** One direction of the tuple that packets have where they were seen last. */
export interface Heading {
  readonly vantage: number;
  readonly protocol: number;
  readonly sender: number;
  readonly receiver: number;
  readonly senderPort: number;
  readonly receiverPort: number;
  /** Of the direction; null where it is not known. */
  readonly initialSequence: number | null;
  /** First and last packet, nanoseconds. */
  readonly first: number;
  readonly last: number;
}

/** What a vantage point showed in one protocol. */
interface Shown {
  first: number;
  last: number;
  /** Of each no more than it takes to say that no filter names them one by one. */
  readonly addresses: Set<number>;
  readonly ports: Set<number>;
}

export class OnwardPoints {
  private readonly flows: FlowSet;
  private readonly places: Places;
  private readonly originSeconds: number;
  /** By vantage point: the next one by address of the receiver, and by -1 - its kind. */
  private readonly next = new Map<number, Map<number, number>>();
  private learned = 0;
  private shown: Map<number, Map<number, Shown>> | null = null;
  private devices: Map<number, number[]> | null = null;
  private receivers: ReceiverIndex | null = null;

  constructor(flows: FlowSet, places: Places, originSeconds: number) {
    this.flows = flows;
    this.places = places;
    this.originSeconds = originSeconds;
  }

  /** Packets went from one hop to the other. */
  learn(from: PathHop, to: PathHop): void {
    if (from.vantage === to.vantage || from.receiver !== to.receiver) return;
    let known = this.next.get(from.vantage);
    if (known === undefined) this.next.set(from.vantage, (known = new Map<number, number>()));
    const before = known.get(from.receiver);
    if (before === to.vantage || before === SEVERAL) return;
    this.note(known, from.receiver, to.vantage);
    const kind = this.kindOf(from.receiver);
    if (kind !== NONE) this.note(known, -1 - kind, to.vantage);
  }

  /** Where packets are expected next, best known first. */
  expected(heading: Heading): OnwardPoint[] {
    const { vantage, receiver } = heading;
    const kind = this.kindOf(receiver);
    const known = this.next.get(vantage);
    const points: OnwardPoint[] = [];
    const add = (point: number | undefined, knownBy: OnwardPoint['knownBy']): void => {
      if (point !== undefined && point >= 0) points.push({ vantage: point, knownBy });
    };
    add(known?.get(receiver), 'packets to the same address');
    const onNode = kind === NONE ? undefined : known?.get(-1 - kind);
    if (onNode !== undefined && onNode >= 0 && !this.isDevice(onNode)) add(onNode, 'packets to the same node');
    for (const device of this.devicesOf(receiver)) add(device, 'device of the receiver');
    return points.filter((point) => point.vantage !== vantage && this.isMeant(point.vantage, heading));
  }

  /** True if the vantage point showed packets before and after this time, and such as these would have been among them. */
  wouldShow(vantage: number, heading: Heading, time: number): boolean {
    const shown = this.shownAt(vantage, heading.protocol);
    if (shown === undefined || shown.first > time || shown.last < time) return false;
    const { addresses, ports } = shown;
    const isOpen = (seen: ReadonlySet<number>, wanted: number): boolean => seen.has(wanted) || seen.size >= UNFILTERED;
    const hasPort = ports.has(heading.receiverPort) || ports.has(heading.senderPort) || ports.size >= UNFILTERED;
    return hasPort && isOpen(addresses, heading.receiver) && isOpen(addresses, heading.sender);
  }

  /** True if something there may be these packets with another sender's address, by translation that was not seen, or too much to look. */
  mayBeTranslated(vantage: number, heading: Heading, slack: number): boolean {
    this.receivers ??= new ReceiverIndex(this.flows);
    return this.receivers.some({ ...heading, vantage }, (direction) => this.mayBe(direction, heading, slack)) ?? true;
  }

  /** Addresses that one route serves: of one node, itself or its pods, and of one family; NONE where the node is not known. */
  private kindOf(address: number): number {
    const home = this.places.homeOfAddress(address);
    if (home < 0) return NONE;
    const isNode = this.places.nodeOfAddress(address) >= 0 ? 1 : 0;
    const isIpv4 = this.flows.addressTable.family(address) === IPV4 ? 1 : 0;
    return home * 4 + isNode * 2 + isIpv4;
  }

  private note(known: Map<number, number>, key: number, to: number): void {
    const before = known.get(key);
    if (before === undefined) {
      if (this.learned === MOST_LEARNED) return;
      this.learned++;
      known.set(key, to);
    } else if (before !== to) {
      known.set(key, SEVERAL);
    }
  }

  private isDevice(vantage: number): boolean {
    const role = this.places.role(vantage);
    return role === 'pod' || role === 'veth';
  }

  /** A bridge shows what comes from other nodes; of what its own pods send each other it may show nothing. */
  private isMeant(point: number, { vantage, receiver }: Heading): boolean {
    const { places } = this;
    const role = places.role(point);
    if (role === 'any' || role === 'nflog' || role === 'unknown') return false;
    if (role !== 'bridge') return true;
    return (
      places.node(vantage) === NONE ||
      places.homeOfAddress(receiver) !== places.node(vantage) ||
      !this.isDevice(vantage)
    );
  }

  /** Of the loaded flow. */
  private mayBe(direction: number, heading: Heading, slack: number): boolean {
    const { flows, places } = this;
    const sender = direction === 0 ? flows.addressA : flows.addressB;
    if (sender === heading.sender) return false;
    if (places.homeOfAddress(sender) >= 0 && places.nodeOfAddress(sender) < 0) return false;
    return this.start() <= heading.last + slack && this.end() >= heading.first - slack;
  }

  /** Of the loaded flow. */
  private start(): number {
    return (this.flows.firstSeconds - this.originSeconds) * 1e9 + this.flows.firstNanoseconds;
  }

  private end(): number {
    return (this.flows.lastSeconds - this.originSeconds) * 1e9 + this.flows.lastNanoseconds;
  }

  private devicesOf(receiver: number): readonly number[] {
    if (this.places.nodeOfAddress(receiver) >= 0) return [];
    this.devices ??= this.findDevices();
    return this.devices.get(receiver) ?? [];
  }

  /** Vantage points on devices of pods by address, host's ends first. */
  private findDevices(): Map<number, number[]> {
    const devices = new Map<number, number[]>();
    for (const role of ['veth', 'pod']) {
      for (const vantage of this.allShown().keys()) {
        if (this.places.role(vantage) !== role) continue;
        for (const address of this.places.podAddresses(vantage) ?? []) {
          const known = devices.get(address);
          if (known === undefined) devices.set(address, [vantage]);
          else known.push(vantage);
        }
      }
    }
    return devices;
  }

  private shownAt(vantage: number, protocol: number): Shown | undefined {
    return this.allShown().get(vantage)?.get(protocol);
  }

  private allShown(): Map<number, Map<number, Shown>> {
    if (this.shown === null) {
      this.shown = new Map();
      for (let flow = 0; flow < this.flows.length; flow++) this.show(this.shown, flow);
    }
    return this.shown;
  }

  private show(all: Map<number, Map<number, Shown>>, flow: number): void {
    const { flows } = this;
    flows.load(flow);
    const { vantage, protocol, addressA, addressB, portA, portB } = flows;
    let byProtocol = all.get(vantage);
    if (byProtocol === undefined) all.set(vantage, (byProtocol = new Map<number, Shown>()));
    let shown = byProtocol.get(protocol);
    if (shown === undefined) {
      shown = { first: Infinity, last: -Infinity, addresses: new Set(), ports: new Set() };
      byProtocol.set(protocol, shown);
    }
    shown.first = Math.min(shown.first, this.start());
    shown.last = Math.max(shown.last, this.end());
    if (shown.addresses.size < UNFILTERED) shown.addresses.add(addressA).add(addressB);
    // Of a client's many ports none says what a filter let through.
    if (shown.ports.size < UNFILTERED) shown.ports.add(Math.min(portA, portB));
  }
}
