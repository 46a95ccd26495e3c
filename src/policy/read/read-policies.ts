/**
 * Policies from files and objects: which objects are policies, whose they are, and what is wrong with them.
 *
 * Every problem names the file, the line, the policy and the field, and never hides another policy. Kinds of network plugins
 * (Calico, Cilium, Antrea) are not evaluated and get a warning, as verdicts may be wrong where they are in force.
 */
import { type Policy, type PolicyKind, policyKey } from '../policy.js';
import {
  readAdminNetworkPolicy,
  readBaselineAdminNetworkPolicy,
  readClusterNetworkPolicy,
} from './cluster-policy-reader.js';
import { Field, type FieldProblem, isList, isMap, nodeOfValue, type SourceNode } from './field.js';
import { type ObjectIdentity, readNetworkPolicy } from './network-policy-reader.js';
import { DNS_SUBDOMAIN } from './selector-reader.js';
import { readYamlNodes } from './yaml-nodes.js';

export interface PolicyProblem extends FieldProblem {
  readonly file: string | null;
  /** `NetworkPolicy shop/backend`; null where not even that is known. */
  readonly policy: string | null;
}

export interface PolicySet {
  /** In the order read; where one is given twice, only the last, as after `kubectl apply`. */
  readonly policies: readonly Policy[];
  readonly problems: readonly PolicyProblem[];
}

/** The text of a YAML or JSON file, and the name to call it by. */
export interface PolicyText {
  readonly file: string;
  readonly text: string;
}

/** An object as JSON.parse gives it, with the file that it came from if that is known. */
export interface PolicyObject {
  readonly file: string | null;
  readonly object: unknown;
}

type PolicyReader = (object: Field, identity: ObjectIdentity) => Policy | null;

const GROUPS: Readonly<Record<string, Readonly<Partial<Record<PolicyKind, PolicyReader>>>>> = {
  'networking.k8s.io': { NetworkPolicy: readNetworkPolicy },
  // Until Kubernetes 1.15, with the same fields.
  extensions: { NetworkPolicy: readNetworkPolicy },
  'policy.networking.k8s.io': {
    AdminNetworkPolicy: readAdminNetworkPolicy,
    BaselineAdminNetworkPolicy: readBaselineAdminNetworkPolicy,
    ClusterNetworkPolicy: readClusterNetworkPolicy,
  },
};
const POLICY_KIND = /NetworkPolicy$/;
const LIST_KIND = /List$/;

/** Reads all policies of these texts; objects of other kinds are passed over. Never throws. */
export async function readPolicyTexts(texts: readonly PolicyText[]): Promise<PolicySet> {
  const reader = new SetReader();
  for (const { file, text } of texts) {
    const { documents, problems } = await readYamlNodes(text);
    for (const { line, field, message } of problems) {
      reader.problems.push({ severity: 'error', file, line, policy: null, field, message });
    }
    for (const document of documents) reader.add(document, file, null);
  }
  return reader.result();
}

/** Reads policies that are objects already; there are no lines then. Never throws. */
export function readPolicyObjects(objects: readonly PolicyObject[]): PolicySet {
  const reader = new SetReader();
  for (const { file, object } of objects) reader.add(nodeOfValue(object), file, null);
  return reader.result();
}

/** Both sets as one: a policy of the second replaces that of the first with the same kind, namespace and name. */
export function overlayPolicies(below: readonly Policy[], above: readonly Policy[]): Policy[] {
  const replaced = new Set(above.map(policyKey));
  return [...below.filter((policy) => !replaced.has(policyKey(policy))), ...above];
}

class SetReader {
  readonly problems: PolicyProblem[] = [];
  private readonly policies = new Map<string, Policy>();

  /** An object, a List or an array of them; `implied` is the kind of a typed List's items. */
  add(node: SourceNode, file: string | null, implied: { apiVersion: string; kind: string } | null): void {
    if (isList(node)) {
      for (const item of node.value) this.add(item, file, implied);
      return;
    }
    const found: FieldProblem[] = [];
    const object = new Field('', node, null, found);
    const kind = object.member('kind').textIfAny() ?? implied?.kind ?? '';
    const apiVersion = object.member('apiVersion').textIfAny() ?? implied?.apiVersion ?? '';
    if (LIST_KIND.test(kind)) {
      const ofItems = kind === 'List' ? null : { apiVersion, kind: kind.replace(LIST_KIND, '') };
      const items = isMap(node) ? node.value.get('items') : undefined;
      if (items !== undefined && isList(items)) this.add(items, file, ofItems);
    } else if (POLICY_KIND.test(kind)) {
      const namespace = object.member('metadata').member('namespace').textIfAny();
      const name = object.member('metadata').member('name').textIfAny();
      this.read(object, { kind, apiVersion, namespace, name, file, found });
    }
  }

  result(): PolicySet {
    return { policies: [...this.policies.values()], problems: this.problems };
  }

  private read(object: Field, about: ObjectAbout): void {
    const { kind, apiVersion, namespace, file, found } = about;
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : apiVersion;
    const reader = Object.hasOwn(GROUPS, group) ? GROUPS[group]?.[kind as PolicyKind] : undefined;
    const isNamespaced = kind === 'NetworkPolicy';
    if (reader === undefined) {
      object.warn(`kind ${kind} of ${apiVersion === '' ? 'no apiVersion' : apiVersion} is not evaluated`);
    } else if (object.isObject(['apiVersion', 'kind', 'metadata', 'spec', 'status'])) {
      const { name } = about;
      checkNames(object, name, isNamespaced ? namespace : null);
      const given = object.member('metadata').member('namespace');
      // Of a policy in nobody knows which namespace it is not known whom it binds.
      const isPlaced = !isNamespaced || !given.isSet || given.text() !== null;
      if (isNamespaced && !given.isSet) object.member('metadata').warn('has no namespace; "default" is assumed');
      if (!object.member('spec').isSet) object.member('spec').fail('is missing');
      else if (name !== null && isPlaced)
        this.keep(reader(object, { namespace, name, file, lines: object.lines }), object);
    }
    const shownName = about.name ?? '(no name)';
    const policy = `${kind} ${isNamespaced ? `${namespace ?? 'default'}/` : ''}${shownName}`;
    for (const problem of found) this.problems.push({ ...problem, file, policy });
  }

  private keep(policy: Policy | null, object: Field): void {
    if (policy === null) return;
    const key = policyKey(policy);
    const before = this.policies.get(key);
    if (before !== undefined) {
      const where =
        before.lines === null ? '' : ` (first in ${before.file ?? 'an object'}, line ${before.lines.first})`;
      object.warn(`is given more than once${where}; the last one counts`);
      this.policies.delete(key);
    }
    this.policies.set(key, policy);
  }
}

interface ObjectAbout {
  readonly kind: string;
  readonly apiVersion: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly file: string | null;
  readonly found: FieldProblem[];
}

function checkNames(object: Field, name: string | null, namespace: string | null): void {
  const metadata = object.member('metadata');
  const given = metadata.member('name');
  if (name === null) {
    if (given.text() === '') given.fail('is empty');
  } else if (!DNS_SUBDOMAIN.test(name)) metadata.member('name').fail(`"${name.slice(0, 80)}" is no valid name`);
  if (namespace !== null && (!DNS_SUBDOMAIN.test(namespace) || namespace.length > 63 || namespace.includes('.'))) {
    metadata.member('namespace').fail(`"${namespace.slice(0, 80)}" is no valid name`);
  }
}
