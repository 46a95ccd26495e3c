/**
 * Tunnels between outer endpoints, added up from the flows they carried, and WireGuard peers, whose content stays hidden.
 */
import { compareText } from '../base/compare-text.js';
import type { EncapsulationTable } from '../flow/encapsulations.js';
import { WIREGUARD_COUNTERS, WIREGUARD_KEEP_ALIVE } from '../flow/flow-extras.js';
import type { Carrier, WireguardMessages } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import type { FlowSet } from '../trail/flow-set.js';
import { ENCAPSULATION, WIREGUARD } from '../wire/decoded.js';
import { encapsulationName } from './connection-table.js';
import type { OwnerResolver } from './owner-resolver.js';

const MAX_CARRIERS = 500;

interface CarrierEntry {
  readonly kind: string;
  readonly tunnelId: number | null;
  readonly vantage: number;
  readonly a: number;
  readonly b: number;
  readonly ownerA: Owner;
  readonly ownerB: Owner;
  packetsAToB: number;
  packetsBToA: number;
  wireBytes: number;
  innerFlows: number;
  wireguard: number[] | null;
}

export function buildCarriers(flows: FlowSet, owners: OwnerResolver): Carrier[] {
  const carriers = new Carriers(flows, owners);
  for (let f = 0; f < flows.length; f++) {
    flows.load(f);
    carriers.addTunnel();
    carriers.addWireguard();
  }
  return carriers.entries
    .map((entry) => toCarrier(entry, owners))
    .sort((x, y) => y.wireBytes - x.wireBytes || compareText(carrierKey(x), carrierKey(y)))
    .slice(0, MAX_CARRIERS);
}

/** The carriers of the flows met so far. */
class Carriers {
  readonly entries: CarrierEntry[] = [];
  private readonly byKey = new Map<string, CarrierEntry>();
  /** By vantage point, encapsulation and outer path, as one number: what nearly every flow finds its carrier with. */
  private readonly byPath = new Map<number, CarrierEntry>();
  private readonly flows: FlowSet;
  private readonly owners: OwnerResolver;

  constructor(flows: FlowSet, owners: OwnerResolver) {
    this.flows = flows;
    this.owners = owners;
  }

  /** Adds the loaded flow to the tunnel that carried it, the innermost one. */
  addTunnel(): void {
    const flows = this.flows;
    let isCounted = false;
    for (let direction = 0; direction < 2; direction++) {
      const path = flows.outerPath(direction);
      const entry = path < 0 ? null : this.tunnel(path);
      if (entry === null) continue;
      if (entry.a === flows.outerPathTable.source(path)) entry.packetsAToB += flows.packets(direction);
      else entry.packetsBToA += flows.packets(direction);
      entry.wireBytes += flows.wireBytes(direction);
      if (!isCounted) entry.innerFlows++;
      isCounted = true;
    }
  }

  addWireguard(): void {
    const flows = this.flows;
    const counters = flows.extras?.wireguard ?? null;
    if (counters === null) return;
    const entry = this.entryOf('WireGuard', -1, flows.addressA, flows.addressB);
    const isForward = entry.a === flows.addressA;
    entry.packetsAToB += flows.packets(isForward ? 0 : 1);
    entry.packetsBToA += flows.packets(isForward ? 1 : 0);
    entry.wireBytes += flows.wireBytes(0) + flows.wireBytes(1);
    entry.wireguard ??= new Array<number>(WIREGUARD_COUNTERS).fill(0);
    for (let i = 0; i < WIREGUARD_COUNTERS; i++) {
      entry.wireguard[i] = entry.wireguard[i]! + counters[i]! + counters[WIREGUARD_COUNTERS + i]!;
    }
  }

  /** The tunnel that an outer path of the loaded flow leads through; null if its encapsulation is none. */
  private tunnel(path: number): CarrierEntry | null {
    const { encapsulation, encapsulationTable, outerPathTable, vantage } = this.flows;
    const key = (vantage * encapsulationTable.size + encapsulation) * outerPathTable.size + path;
    const known = this.byPath.get(key);
    if (known !== undefined) return known;
    const innermost = innermostTunnel(encapsulationTable, encapsulation);
    const kind = encapsulationTable.kind(innermost);
    if (kind === ENCAPSULATION.None) return null;
    const entry = this.entryOf(
      encapsulationName(kind),
      encapsulationTable.tunnelId(innermost),
      outerPathTable.source(path),
      outerPathTable.destination(path),
    );
    this.byPath.set(key, entry);
    return entry;
  }

  private entryOf(kind: string, tunnelId: number, source: number, destination: number): CarrierEntry {
    const { flows, owners } = this;
    // The same way round whichever direction came first: by address value, not by id.
    const isForward = compareAddresses(flows, source, destination) <= 0;
    const a = isForward ? source : destination;
    const b = isForward ? destination : source;
    const key = `${kind}/${tunnelId}/${flows.vantage}/${a}/${b}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const entry: CarrierEntry = {
      kind,
      tunnelId: tunnelId < 0 ? null : tunnelId,
      vantage: flows.vantage,
      a,
      b,
      ownerA: owners.ownerOf(a, flows),
      ownerB: owners.ownerOf(b, flows),
      packetsAToB: 0,
      packetsBToA: 0,
      wireBytes: 0,
      innerFlows: 0,
      wireguard: null,
    };
    this.byKey.set(key, entry);
    this.entries.push(entry);
    return entry;
  }
}

function innermostTunnel(table: EncapsulationTable, encapsulation: number): number {
  let innermost = encapsulation;
  while (table.parent(innermost) >= 0 && table.kind(innermost) === ENCAPSULATION.None) {
    innermost = table.parent(innermost);
  }
  return innermost;
}

function compareAddresses(flows: FlowSet, x: number, y: number): number {
  const table = flows.addressTable;
  let order = table.family(x) - table.family(y);
  for (let word = 0; word < 4 && order === 0; word++) order = (table.word(x, word) >>> 0) - (table.word(y, word) >>> 0);
  return order;
}

function toCarrier(entry: CarrierEntry, owners: OwnerResolver): Carrier {
  return {
    kind: entry.kind,
    tunnelId: entry.tunnelId,
    vantagePoint: entry.vantage,
    a: { address: owners.text(entry.a), owner: entry.ownerA },
    b: { address: owners.text(entry.b), owner: entry.ownerB },
    packetsAToB: entry.packetsAToB,
    packetsBToA: entry.packetsBToA,
    wireBytes: entry.wireBytes,
    innerFlows: entry.innerFlows,
    wireguard: entry.wireguard === null ? null : messagesOf(entry.wireguard),
  };
}

function messagesOf(counters: readonly number[]): WireguardMessages {
  return {
    handshakeInitiations: counters[WIREGUARD.Initiation - 1]!,
    handshakeResponses: counters[WIREGUARD.Response - 1]!,
    cookieReplies: counters[WIREGUARD.CookieReply - 1]!,
    transportData: counters[WIREGUARD.TransportData - 1]!,
    keepAlives: counters[WIREGUARD_KEEP_ALIVE]!,
  };
}

function carrierKey(carrier: Carrier): string {
  return `${carrier.kind}/${carrier.tunnelId ?? ''}/${carrier.vantagePoint}/${carrier.a.address}/${carrier.b.address}`;
}
