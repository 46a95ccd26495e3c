/** Small clusters and policies for tests, written down shortly. */
import { Cluster, type ClusterNode, type Namespace, type Pod } from '../../src/policy/cluster.js';
import type { Connection, ConnectionEnd } from '../../src/policy/connection.js';
import type { Policy } from '../../src/policy/policy.js';
import { readPolicyTexts } from '../../src/policy/read/read-policies.js';

export function pod(key: string, labels: Record<string, string>, address: string, more: Partial<Pod> = {}): Pod {
  const [namespace = '', name = ''] = key.split('/');
  return {
    namespace,
    name,
    labels,
    addresses: [address],
    node: null,
    nodeAddresses: [],
    hostNetwork: false,
    ports: [],
    workload: null,
    ...more,
  };
}

export function cluster(pods: Pod[], namespaces: Namespace[] = [], nodes: ClusterNode[] = []): Cluster {
  return new Cluster({ pods, namespaces, nodes });
}

/** Policies as YAML, of which each begins with `NetworkPolicy NAMESPACE/NAME` or another kind and its name. */
export async function policies(text: string): Promise<Policy[]> {
  const yaml = text.replaceAll(/^(\w*NetworkPolicy) (?:(\S+)\/)?(\S+)\n/gm, (_all, kind: string, namespace, name) => {
    const group = kind === 'NetworkPolicy' ? 'networking.k8s.io/v1' : 'policy.networking.k8s.io/v1alpha2';
    const inNamespace = namespace === undefined ? '' : `, namespace: ${namespace}`;
    return `---\napiVersion: ${group}\nkind: ${kind}\nmetadata: {name: ${name}${inNamespace}}\n`;
  });
  const { policies: read, problems } = await readPolicyTexts([{ file: 'p.yaml', text: yaml }]);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return [...read];
}

/** `a/b -> 10.0.0.1 80/TCP`; a name with a slash is a pod, an address whoever has it. */
export function connection(text: string, throughService = false): Connection {
  const [, source = '', destination = '', port = '', protocol = ''] =
    /^(\S+) -> (\S+) (\d+|-)\/(\w+)$/.exec(text) ?? [];
  return {
    source: end(source),
    destination: end(destination),
    port: port === '-' ? null : Number(port),
    protocol,
    throughService,
  };
}

function end(text: string): ConnectionEnd {
  if (text.includes('/')) return { kind: 'pod', pod: text, address: null };
  return { kind: 'external', address: text };
}
