/** Cases of shared/netpol: Kubernetes objects, probes and what a third party or the specification says of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, type ClusterNode, type Namespace, type Pod } from '../../src/policy/cluster.js';
import type { Connection, ConnectionEnd } from '../../src/policy/connection.js';
import { readPolicyObjects, type PolicySet } from '../../src/policy/read/read-policies.js';
import { sharedRoot } from '../tools/shared.js';

/** A Kubernetes object of a case, of which the members used here are known to be there. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type KubernetesObject = any;

export interface Probe {
  readonly src: string;
  readonly dst: string;
  readonly protocol: string;
  readonly port: number;
  readonly allowed: boolean;
  readonly egress?: boolean;
  readonly ingress?: boolean;
  readonly why?: { readonly egress?: { readonly any: string[] }; readonly ingress?: { readonly any: string[] } };
  readonly assume?: 'ipblock-includes-pods' | 'ipblock-excludes-pods';
}

export interface Case {
  readonly name: string;
  readonly resources: readonly KubernetesObject[];
  readonly expect: readonly Probe[];
}

export function caseFiles(folder: string): string[] {
  if (sharedRoot === null) return [];
  const directory = join(sharedRoot, 'netpol', folder);
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(directory, name));
}

export function readCase<T extends Case>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** The cluster that the objects describe, read in the plainest way. */
export function clusterOf(resources: readonly KubernetesObject[]): Cluster {
  const ofKind = (kind: string): KubernetesObject[] => resources.filter((resource) => resource.kind === kind);
  return new Cluster({
    pods: ofKind('Pod').map(podOf),
    namespaces: ofKind('Namespace').map(({ metadata }): Namespace => ({
      name: metadata.name,
      labels: metadata.labels ?? {},
    })),
    nodes: ofKind('Node').map(({ metadata, status }): ClusterNode => ({
      name: metadata.name,
      labels: metadata.labels ?? {},
      addresses: (status?.addresses ?? []).map(({ address }: KubernetesObject) => address),
    })),
  });
}

function podOf({ metadata, spec, status }: KubernetesObject): Pod {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }: KubernetesObject) => controller === true);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    labels: metadata.labels ?? {},
    addresses: (status?.podIPs ?? []).map(({ ip }: KubernetesObject) => ip),
    node: spec.nodeName ?? null,
    nodeAddresses: status?.hostIP === undefined ? [] : [status.hostIP],
    hostNetwork: spec.hostNetwork === true,
    ports: (spec.containers ?? []).flatMap(({ ports }: KubernetesObject) =>
      (ports ?? []).map(({ name, protocol, containerPort }: KubernetesObject) => ({
        name: name ?? null,
        protocol: protocol ?? 'TCP',
        port: containerPort,
      })),
    ),
    workload: owner === undefined ? null : `${owner.kind}/${owner.name}`,
  };
}

export function policiesOf(resources: readonly KubernetesObject[]): PolicySet {
  return readPolicyObjects(resources.map((object) => ({ file: null, object })));
}

export function endOf(cluster: Cluster, text: string): ConnectionEnd {
  return text.includes('/') ? { kind: 'pod', pod: text, address: null } : cluster.endAt(text);
}

export function connectionOf(
  cluster: Cluster,
  { src, dst, protocol, port }: Pick<Probe, 'src' | 'dst' | 'protocol' | 'port'>,
): Connection {
  return {
    source: endOf(cluster, src),
    destination: endOf(cluster, dst),
    protocol,
    port,
    throughService: false,
  };
}
