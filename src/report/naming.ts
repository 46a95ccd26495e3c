/** How endpoints and workloads are called in sentences, charts and tables. Texts are fit to be shown, not escaped. */
import type { Connection, EndpointAddress, ReportSummary, WorkloadTotals } from '../model/document.js';
import type { Owner } from '../model/owner.js';
import { displayText } from './text.js';

/** What is in front of a name, apart, so that it can be set in a lighter tone. */
export interface PartyName {
  /** `shop/`, or empty. */
  readonly scope: string;
  readonly name: string;
}

export function fullName(party: PartyName): string {
  return party.scope + party.name;
}

/**
 * The workload, or whatever stands for one: `shop/` `frontend`, `node-1`, `outside the cluster`; the address where nobody is
 * known to own it.
 */
export function partyOf(end: EndpointAddress): PartyName {
  const { owner } = end;
  const name = owner.workload?.name ?? owner.name;
  if (name === null) return { scope: '', name: owner.kind === 'external' ? 'outside the cluster' : end.address };
  return { scope: owner.namespace === null ? '' : `${displayText(owner.namespace)}/`, name: displayText(name) };
}

/** As `partyOf`, but what lies outside and has no name is called by its address: as a server it has to be told from others. */
export function serverPartyOf(connection: Connection): PartyName {
  const { server } = connection;
  const { kind, name } = server.owner;
  return kind === 'external' && name === null ? { scope: '', name: server.address } : partyOf(server);
}

/** Names of the workloads that the summary's pairs refer to by key. */
export class WorkloadNames {
  private readonly workloads: ReadonlyMap<string, WorkloadTotals>;

  constructor(summary: ReportSummary) {
    this.workloads = new Map(summary.endpoints.workloads.map((workload) => [workload.key, workload]));
  }

  /** Null for a workload that is beyond the summary's limit. */
  find(key: string): WorkloadTotals | null {
    return this.workloads.get(key) ?? null;
  }

  nameOf(key: string): PartyName {
    const workload = this.workloads.get(key);
    if (workload === undefined) return { scope: '', name: displayText(key) };
    return workloadName(workload);
  }
}

export function workloadName(workload: WorkloadTotals): PartyName {
  const scope = workload.namespace === null ? '' : `${displayText(workload.namespace)}/`;
  return { scope, name: displayText(workload.label) };
}

/** `Deployment frontend`; empty without a workload. */
export function workloadText(owner: Owner): string {
  return owner.workload === null ? '' : displayText(`${owner.workload.kind} ${owner.workload.name}`);
}
