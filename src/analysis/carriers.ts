/**
 * Tunnels between outer endpoints, added up from the flows they carried, and WireGuard peers, whose content stays hidden.
 */
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
  const entries = new Map<string, CarrierEntry>();
  for (let f = 0; f < flows.length; f++) {
    flows.load(f);
    addTunnel(entries, flows, owners);
    addWireguard(entries, flows, owners);
  }
  return [...entries.values()]
    .map((entry) => toCarrier(entry, owners))
    .sort((x, y) => y.wireBytes - x.wireBytes || compareText(carrierKey(x), carrierKey(y)))
    .slice(0, MAX_CARRIERS);
}

/** Adds a flow to the tunnel that carried it, the innermost one. */
function addTunnel(entries: Map<string, CarrierEntry>, flows: FlowSet, owners: OwnerResolver): void {
  const table = flows.encapsulationTable;
  let encapsulation = flows.encapsulation;
  while (table.parent(encapsulation) >= 0 && table.kind(encapsulation) === ENCAPSULATION.None) {
    encapsulation = table.parent(encapsulation);
  }
  const kind = table.kind(encapsulation);
  if (kind === ENCAPSULATION.None) return;
  let isCounted = false;
  for (let direction = 0; direction < 2; direction++) {
    const path = flows.outerPath(direction);
    if (path < 0) continue;
    const source = flows.outerPathTable.source(path);
    const destination = flows.outerPathTable.destination(path);
    const entry = entryOf(
      entries,
      flows,
      owners,
      encapsulationName(kind),
      table.tunnelId(encapsulation),
      source,
      destination,
    );
    if (entry.a === source) entry.packetsAToB += flows.packets(direction);
    else entry.packetsBToA += flows.packets(direction);
    entry.wireBytes += flows.wireBytes(direction);
    if (!isCounted) entry.innerFlows++;
    isCounted = true;
  }
}

function addWireguard(entries: Map<string, CarrierEntry>, flows: FlowSet, owners: OwnerResolver): void {
  const counters = flows.extras?.wireguard ?? null;
  if (counters === null) return;
  const entry = entryOf(entries, flows, owners, 'WireGuard', -1, flows.addressA, flows.addressB);
  const isForward = entry.a === flows.addressA;
  entry.packetsAToB += flows.packets(isForward ? 0 : 1);
  entry.packetsBToA += flows.packets(isForward ? 1 : 0);
  entry.wireBytes += flows.wireBytes(0) + flows.wireBytes(1);
  entry.wireguard ??= new Array<number>(WIREGUARD_COUNTERS).fill(0);
  for (let i = 0; i < WIREGUARD_COUNTERS; i++) {
    entry.wireguard[i] = entry.wireguard[i]! + counters[i]! + counters[WIREGUARD_COUNTERS + i]!;
  }
}

function entryOf(
  entries: Map<string, CarrierEntry>,
  flows: FlowSet,
  owners: OwnerResolver,
  kind: string,
  tunnelId: number,
  source: number,
  destination: number,
): CarrierEntry {
  // The same way round whichever direction came first: by address value, not by id.
  const isForward = compareAddresses(flows, source, destination) <= 0;
  const a = isForward ? source : destination;
  const b = isForward ? destination : source;
  const key = `${kind}/${tunnelId}/${flows.vantage}/${a}/${b}`;
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = {
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
    entries.set(key, entry);
  }
  return entry;
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

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
