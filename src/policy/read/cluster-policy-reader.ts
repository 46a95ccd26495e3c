/**
 * Reads the cluster-scoped kinds of policy.networking.k8s.io: AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1),
 * ClusterNetworkPolicy (v1alpha2). NETWORKPOLICY.md 2.1 to 2.4.
 *
 * A peer or port that is unknown or broken fails closed (2.3): in an Allow rule it matches nothing, a Deny or Pass rule that
 * has one becomes Deny of everything.
 */
import type { Direction, Peer, PodScope, Policy, PolicyRule, PortMatch } from '../policy.js';
import { EVERYTHING } from '../selector.js';
import type { Field } from './field.js';
import { readCidr } from './ip-block-reader.js';
import type { ObjectIdentity } from './network-policy-reader.js';
import { onlyMember, readAdminPort, readClusterProtocol } from './port-reader.js';
import { readSelector, unknownValue } from './selector-reader.js';

const MAX_PRIORITY = 1000;
const BASELINE_NAME = 'default';

/** What the kinds spell differently. */
interface Dialect {
  readonly actions: Readonly<Record<string, PolicyRule['action']>>;
  readonly ports: 'ports' | 'protocols';
  readonly readPort: (field: Field) => PortMatch;
}

const ADMIN: Dialect = {
  actions: { Allow: 'Allow', Deny: 'Deny', Pass: 'Pass' },
  ports: 'ports',
  readPort: readAdminPort,
};
const BASELINE: Dialect = { ...ADMIN, actions: { Allow: 'Allow', Deny: 'Deny' } };
const CLUSTER: Dialect = {
  actions: { Accept: 'Allow', Deny: 'Deny', Pass: 'Pass' },
  ports: 'protocols',
  readPort: readClusterProtocol,
};

/** Readers answer null, after errors, if it cannot be said whom the policy selects or when it is asked. */
export function readAdminNetworkPolicy(object: Field, identity: ObjectIdentity): Policy | null {
  const spec = object.member('spec');
  if (!spec.isObject(['priority', 'subject', 'ingress', 'egress'])) return null;
  const priority = readPriority(spec.member('priority'));
  const parts = readParts(spec, ADMIN);
  if (priority === null || parts === null) return null;
  return { ...identity, ...parts, kind: 'AdminNetworkPolicy', namespace: null, tier: 'Admin', priority };
}

export function readBaselineAdminNetworkPolicy(object: Field, identity: ObjectIdentity): Policy | null {
  const spec = object.member('spec');
  if (!spec.isObject(['subject', 'ingress', 'egress'])) return null;
  if (identity.name !== BASELINE_NAME) object.member('metadata').member('name').fail(`must be "${BASELINE_NAME}"`);
  const parts = readParts(spec, BASELINE);
  if (parts === null) return null;
  return { ...identity, ...parts, kind: 'BaselineAdminNetworkPolicy', namespace: null, tier: 'Baseline', priority: 0 };
}

export function readClusterNetworkPolicy(object: Field, identity: ObjectIdentity): Policy | null {
  const spec = object.member('spec');
  if (!spec.isObject(['tier', 'priority', 'subject', 'ingress', 'egress'])) return null;
  const tier = spec.member('tier').text();
  if (tier !== null && tier !== 'Admin' && tier !== 'Baseline') {
    return spec.member('tier').fail(unknownValue(tier, ['Admin', 'Baseline']));
  }
  const priority = readPriority(spec.member('priority'));
  const parts = readParts(spec, CLUSTER);
  if (tier === null || priority === null || parts === null) return null;
  return { ...identity, ...parts, kind: 'ClusterNetworkPolicy', namespace: null, tier, priority };
}

function readPriority(field: Field): number | null {
  const priority = field.integer();
  if (priority === null) return null;
  const isValid = priority >= 0 && priority <= MAX_PRIORITY;
  return isValid ? priority : field.fail(`${priority} is not between 0 and ${MAX_PRIORITY}`);
}

function readParts(spec: Field, dialect: Dialect): Pick<Policy, 'subject' | 'ingress' | 'egress'> | null {
  const subject = readSubject(spec.member('subject'));
  const ingress = readRules(spec.member('ingress'), 'ingress', dialect);
  const egress = readRules(spec.member('egress'), 'egress', dialect);
  return subject === null ? null : { subject, ingress, egress };
}

function readSubject(field: Field): PodScope | null {
  if (!field.isSet) return field.fail('is missing');
  const kind = onlyMember(field, ['namespaces', 'pods']);
  return kind === null ? null : readPodScope(field.member(kind), kind);
}

/** `namespaces` (a selector) or `pods` (two selectors). */
function readPodScope(field: Field, kind: string): PodScope | null {
  if (kind === 'namespaces') {
    const namespaceSelector = readSelector(field);
    return namespaceSelector === null ? null : { namespace: null, namespaceSelector, podSelector: EVERYTHING };
  }
  if (!field.isObject(['namespaceSelector', 'podSelector'])) return null;
  const namespaceSelector = readSelector(field.member('namespaceSelector'));
  const podSelector = readSelector(field.member('podSelector'));
  if (namespaceSelector === null || podSelector === null) return null;
  return { namespace: null, namespaceSelector, podSelector };
}

/** Rules; none if the section is no list, and none is said about the direction then. */
function readRules(field: Field, direction: Direction, dialect: Dialect): PolicyRule[] | null {
  const items = field.items();
  if (items === null || items.length === 0) return null;
  return items.map((item, index) => readRule(item, index + 1, direction, dialect));
}

function readRule(field: Field, number: number, direction: Direction, dialect: Dialect): PolicyRule {
  const peersName = direction === 'ingress' ? 'from' : 'to';
  const base = { number, name: field.member('name').optionalText() ?? '', lines: field.lines };
  if (!field.isObject(['name', 'action', peersName, dialect.ports])) return { ...base, ...DENY_ALL };
  const actionField = field.member('action');
  const actionText = actionField.text();
  const action = actionText !== null && Object.hasOwn(dialect.actions, actionText) ? dialect.actions[actionText] : null;
  if (action === undefined || action === null) {
    if (actionText !== null) actionField.fail(unknownValue(actionText, Object.keys(dialect.actions)));
    return { ...base, ...DENY_ALL };
  }
  const peers = readPeers(field.member(peersName), direction, action);
  const ports = readPorts(field.member(dialect.ports), dialect);
  const isBroken = peers.some(isNothing) || (ports ?? []).some(isNothing);
  return isBroken && action !== 'Allow' ? { ...base, ...DENY_ALL } : { ...base, action, peers, ports };
}

const DENY_ALL = { action: 'Deny', peers: null, ports: null } as const;

function isNothing({ type }: { readonly type: string }): boolean {
  return type === 'nothing';
}

function readPeers(field: Field, direction: Direction, action: PolicyRule['action']): Peer[] {
  const nothing: Peer = { type: 'nothing', lines: field.lines };
  const items = field.items();
  if (items === null) return [nothing];
  if (items.length > 0) return items.flatMap((item) => readPeer(item, direction, action));
  field.fail('must name at least one peer');
  return [nothing];
}

function readPeer(field: Field, direction: Direction, action: PolicyRule['action']): Peer[] {
  const { lines } = field;
  const nothing: Peer = { type: 'nothing', lines };
  const kinds = ['namespaces', 'pods', ...(direction === 'egress' ? ['nodes', 'networks', 'domainNames'] : [])];
  const kind = onlyMember(field, kinds);
  if (kind === null) return [nothing];
  const value = field.member(kind);
  switch (kind) {
    case 'networks':
      return readNetworks(value);
    case 'nodes': {
      const selector = readSelector(value);
      return [selector === null ? nothing : { type: 'nodes', selector, lines }];
    }
    case 'domainNames':
      return [readDomains(value, action)];
    default: {
      const scope = readPodScope(value, kind);
      return [scope === null ? nothing : { type: 'pods', ...scope, lines }];
    }
  }
}

function readNetworks(field: Field): Peer[] {
  const items = field.items() ?? [];
  if (items.length === 0) return [{ type: 'nothing', lines: field.lines }];
  return items.map((item) => {
    const cidr = readCidr(item);
    const { lines } = item;
    return cidr === null ? { type: 'nothing', lines } : { type: 'addresses', block: { cidr, except: [] }, lines };
  });
}

function readDomains(field: Field, action: PolicyRule['action']): Peer {
  const { lines } = field;
  const names = (field.items() ?? []).map((item) => item.text());
  if (action !== 'Allow') field.fail('are allowed in rules that accept only');
  else if (names.length > 0 && !names.includes(null)) {
    return { type: 'domains', names: names.filter((name) => name !== null), lines };
  }
  return { type: 'nothing', lines };
}

function readPorts(field: Field, dialect: Dialect): PortMatch[] | null {
  if (!field.isSet) return null;
  const items = field.items();
  if (items === null) return [{ type: 'nothing' }];
  return items.length === 0 ? null : items.map(dialect.readPort);
}
