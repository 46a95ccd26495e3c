/**
 * Reads NetworkPolicy (networking.k8s.io/v1): NETWORKPOLICY.md 1.2 to 1.6 and the checks of 1.11.
 *
 * An invalid peer or port becomes one that matches nothing. A policy of which it cannot be said whom it selects or in which
 * direction is left out.
 */
import type { Direction, Lines, Peer, Policy, PolicyRule, PortMatch } from '../policy.js';
import { EVERYTHING } from '../selector.js';
import type { Field } from './field.js';
import { readIpBlock } from './ip-block-reader.js';
import { readNetworkPolicyPort } from './port-reader.js';
import { readSelector, unknownValue } from './selector-reader.js';

export interface ObjectIdentity {
  readonly namespace: string | null;
  readonly name: string;
  readonly file: string | null;
  readonly lines: Lines | null;
}

/** The policy, or null, after errors, if it cannot be said what it is about. */
export function readNetworkPolicy(object: Field, identity: ObjectIdentity): Policy | null {
  const spec = object.member('spec');
  if (!spec.isObject(['podSelector', 'policyTypes', 'ingress', 'egress'])) return null;
  const podSelector = readSelector(spec.member('podSelector'));
  const namespace = identity.namespace ?? 'default';
  const ingress = readRules(spec.member('ingress'), 'ingress', namespace);
  const egress = readRules(spec.member('egress'), 'egress', namespace);
  const types = readTypes(spec.member('policyTypes'), egress.length > 0);
  if (podSelector === null || types === null) return null;
  warnOfUnread(spec, types);
  return {
    ...identity,
    kind: 'NetworkPolicy',
    namespace,
    tier: 'NetworkPolicy',
    priority: 0,
    subject: { namespace, namespaceSelector: EVERYTHING, podSelector },
    ingress: types.includes('ingress') ? ingress : null,
    egress: types.includes('egress') ? egress : null,
  };
}

/** "If no policyTypes are specified on a NetworkPolicy then by default Ingress will always be set and Egress will be set if
 * the NetworkPolicy has any egress rules." */
function readTypes(field: Field, hasEgressRules: boolean): Direction[] | null {
  const items = field.items();
  if (items === null) return null;
  if (items.length === 0) return hasEgressRules ? ['ingress', 'egress'] : ['ingress'];
  const types: Direction[] = [];
  for (const item of items) {
    const type = item.text();
    if (type === null) return null;
    if (type !== 'Ingress' && type !== 'Egress') return item.fail(unknownValue(type, ['Ingress', 'Egress']));
    types.push(type === 'Ingress' ? 'ingress' : 'egress');
  }
  return types;
}

function warnOfUnread(spec: Field, types: readonly Direction[]): void {
  for (const direction of ['ingress', 'egress'] as const) {
    const rules = spec.member(direction);
    if (!types.includes(direction) && (rules.items() ?? []).length > 0) {
      rules.warn(`has no effect, because policyTypes does not list ${direction === 'ingress' ? 'Ingress' : 'Egress'}`);
    }
  }
}

/** Rules; a section that is no list allows nothing. */
function readRules(field: Field, direction: Direction, namespace: string): PolicyRule[] {
  const peersName = direction === 'ingress' ? 'from' : 'to';
  return (field.items() ?? []).map((rule, index) => {
    const isObject = rule.isObject([peersName, 'ports']);
    return {
      number: index + 1,
      name: '',
      lines: rule.lines,
      action: 'Allow',
      peers: isObject ? readPeers(rule.member(peersName), namespace) : [],
      ports: isObject ? readPorts(rule.member('ports')) : [],
    };
  });
}

/** "If this field is empty or missing, this rule matches all sources". */
function readPeers(field: Field, namespace: string): Peer[] | null {
  const items = field.items();
  if (items === null) return [];
  return items.length === 0 ? null : items.map((item) => readPeer(item, namespace));
}

function readPeer(field: Field, namespace: string): Peer {
  const { lines } = field;
  const nothing: Peer = { type: 'nothing', lines };
  if (!field.isObject(['podSelector', 'namespaceSelector', 'ipBlock'])) return nothing;
  const hasBlock = field.member('ipBlock').isSet;
  const hasNamespaces = field.member('namespaceSelector').isSet;
  const hasPods = field.member('podSelector').isSet;
  if (!hasBlock && !hasNamespaces && !hasPods) {
    field.fail('must have podSelector, namespaceSelector or ipBlock');
    return nothing;
  }
  if (hasBlock && (hasNamespaces || hasPods)) {
    field.fail('must not have ipBlock beside podSelector or namespaceSelector');
    return nothing;
  }
  if (hasBlock) {
    const block = readIpBlock(field.member('ipBlock'));
    return block === null ? nothing : { type: 'addresses', block, lines };
  }
  const podSelector = readSelector(field.member('podSelector'));
  const namespaceSelector = readSelector(field.member('namespaceSelector'));
  if (podSelector === null || namespaceSelector === null) return nothing;
  return { type: 'pods', namespace: hasNamespaces ? null : namespace, namespaceSelector, podSelector, lines };
}

/** "If this field is empty or missing, this rule matches all ports". */
function readPorts(field: Field): PortMatch[] | null {
  const items = field.items();
  if (items === null) return [];
  return items.length === 0 ? null : items.map(readNetworkPolicyPort);
}
