/**
 * What a connection could be besides what is told of it, and whom it was really meant for: said, never chosen silently.
 *
 * Several entries of connection tracking that contradict each other; a ClusterIP or node port that several Services have; a backend of
 * Services of which only packets after the translation were captured; datagrams that could belong to several connections.
 */
import type { Candidate, Leftover, ServiceReference } from '../model/document.js';
import type { SeenTime } from './known-translations.js';
import { leftoverOf } from './leftovers.js';
import type { OwnerResolver } from './owner-resolver.js';
import type { Services } from './services.js';
import type { End, Translation } from './translation.js';

const MOST_CANDIDATES = 8;
const NONE: readonly never[] = [];

/** What is told of a connection. */
export interface Told {
  readonly protocol: string;
  readonly client: End;
  readonly server: End;
  readonly translation: Translation | null;
  readonly service: ServiceReference | null;
  /** Vantage points of its hops. */
  readonly vantages: readonly number[];
  readonly time: SeenTime;
  /** Ids of connections that could be the same. */
  readonly others: readonly string[];
}

export class Doubts {
  private readonly owners: OwnerResolver;
  private readonly services: Services;

  constructor(owners: OwnerResolver, services: Services) {
    this.owners = owners;
    this.services = services;
  }

  candidates(told: Told): readonly Candidate[] {
    const found = [
      ...this.translations(told),
      ...this.dialedServices(told),
      ...this.servicesBehind(told),
      ...told.others.map(otherConnection),
    ];
    return found.length === 0 ? NONE : found.slice(0, MOST_CANDIDATES);
  }

  leftover({ server, service, time, translation }: Told): Leftover | null {
    const isTranslated = (translation?.dialed ?? null) !== null;
    return leftoverOf(server, isTranslated ? service : null, time, this.owners, this.services);
  }

  private translations({ translation, protocol, time }: Told): Candidate[] {
    return (translation?.alternatives ?? NONE).map(({ client, dialed, server, node }) => {
      const [from, to, through] = [client, server, dialed].map((end) => this.place(end.address, end.port));
      const owner = this.owners.inventory.tenureOf(this.owners.text(dialed.address), time.start, node).owner;
      const table = node === null ? 'connection tracking' : `connection tracking of ${node}`;
      return {
        of: 'dialed',
        text: `${from} may have dialed ${through}, translated to ${to}: ${table} has several entries that fit`,
        service: this.services.dialed(owner, protocol, dialed.port),
        connections: [],
      };
    });
  }

  private dialedServices({ translation, server, protocol }: Told): Candidate[] {
    const end = translation?.dialed ?? server;
    const services = this.services.allDialed(end.owner, protocol, end.port);
    if (services.length < 2) return [];
    const place = this.place(end.address, end.port);
    return services.map((service) => candidateService(service, `several Services have ${place}`));
  }

  /** Services through which a backend may have been dialed, where nothing shows what was. */
  private servicesBehind({ translation, client, server, protocol, vantages }: Told): Candidate[] {
    if (server.owner.kind !== 'pod' || (translation?.dialed ?? null) !== null) return [];
    const { kind, node } = client.owner;
    if (kind !== 'pod' && kind !== 'node' && kind !== 'gateway') return [];
    if (node !== null && this.owners.known.hasNode(node)) return [];
    if (vantages.some((vantage) => this.owners.showsDialed(vantage, node))) return [];
    const services = this.services.behind(this.owners.text(server.address), protocol, server.port);
    return services.map((service) => candidateService(service, 'only packets after such a translation were captured'));
  }

  private place(address: number, port: number): string {
    const text = this.owners.text(address);
    return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;
  }
}

function candidateService(service: ServiceReference, why: string): Candidate {
  const { namespace, name, port } = service;
  return {
    of: 'service',
    text: `may have been dialed through Service ${namespace}/${name}${port === null ? '' : `:${port}`}: ${why}`,
    service,
    connections: [],
  };
}

function otherConnection(id: string): Candidate {
  return {
    of: 'connection',
    text: `may be the same as ${id} before or after translation: their packets are alike, and nothing tells them apart`,
    service: null,
    connections: [id],
  };
}
