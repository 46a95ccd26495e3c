/**
 * tenureOf: from an address in any spelling and a time to an owner, fast enough for every flow of a report.
 *
 * Two caches: by the text as given, and per address its timeline. Special addresses (multicast, loopback, ...) and addresses
 * that nobody claims have one constant owner.
 */
import type { Owner } from '../../model/owner.js';
import type { AddressClaims, ClaimTable } from './address-claims.js';
import { type AddressBits, formatAddress, parseAddress } from './address-text.js';
import type { Instant } from '../instants.js';
import { type ClusterNetworks, specialKind } from './networks.js';
import type { FormerPod, Tenure } from '../inventory.js';
import type { OwnerPool } from '../owners.js';
import { AddressTimeline, type HostPod, type TimelineContext } from '../time/timeline.js';

export class Ownership {
  private readonly claims: ClaimTable;
  private readonly networks: ClusterNetworks;
  private readonly pool: OwnerPool;
  private readonly hostPods: ReadonlyMap<string, readonly HostPod[]>;
  private readonly byText = new Map<string, AddressTimeline | Tenure>();

  constructor(
    claims: ClaimTable,
    networks: ClusterNetworks,
    pool: OwnerPool,
    hostPods: ReadonlyMap<string, readonly HostPod[]>,
  ) {
    this.claims = claims;
    this.networks = networks;
    this.pool = pool;
    this.hostPods = hostPods;
  }

  tenureOf(text: string, at: Instant, node: string | null): Tenure {
    let found = this.byText.get(text);
    if (found === undefined) this.byText.set(text, (found = this.find(text)));
    if (!(found instanceof AddressTimeline)) return found;
    return (node === null ? found : found.seenFrom(node)).tenureAt(at);
  }

  formerPod(text: string, at: Instant): FormerPod | null {
    if (!this.byText.has(text)) this.tenureOf(text, at, null);
    const found = this.byText.get(text);
    return found instanceof AddressTimeline ? found.formerPod(at) : null;
  }

  private find(text: string): AddressTimeline | Tenure {
    const bits = parseAddress(text);
    if (bits === null) return forever(this.classify(text, ''));
    const address = formatAddress(bits);
    if (address !== text) {
      const known = this.byText.get(address);
      if (known !== undefined) return known;
    }
    const claims = this.claimsOn(address, bits);
    return claims === null
      ? forever(this.classify(address, ''))
      : new AddressTimeline(claims.claims, claims.companions, this.context(address));
  }

  /** Special addresses belong to nobody, save link-local ones that just one is known to have. */
  private claimsOn(address: string, bits: AddressBits): AddressClaims | null {
    const claims = this.claims.get(address);
    const special = specialKind(bits);
    if (claims === null || special === null) return claims;
    return special === 'link-local' && claims.claims.length === 1 ? claims : null;
  }

  private context(address: string): TimelineContext {
    const unclaimed = (_at: Instant, history: string): Owner => this.classify(address, history);
    return { pool: this.pool, hostPods: this.hostPods, unclaimed };
  }

  private classify(address: string, history: string): Owner {
    const { kind, isSure, reason } = this.networks.classify(address, history);
    const confidence = kind === 'unknown' ? 'unknown' : isSure ? 'observed' : 'assumed';
    return this.pool.owner(this.pool.nameless(kind), confidence, reason);
  }
}

function forever(owner: Owner): Tenure {
  return { owner, from: -Infinity, until: Infinity, isSameForAllNodes: true };
}
