/**
 * Services that no snapshot shows but a node's rules name: as records for their addresses, and as objects for who asks for Services and
 * their backends. What the API says always stands; rules only fill in.
 */
import type { Service } from 'kubernetes-types/core/v1.js';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import { UNDATED } from '../addresses/address-claims.js';
import { asText, at } from '../facts/guards.js';
import type { ServicePort } from '../facts/facts.js';
import type { NodeFile } from '../hosts/hosts.js';
import type { InventoryObjects } from '../inventory.js';
import type { ServiceRecord } from '../time/records.js';
import type { RulesFile, ServiceRule } from './service-rules.js';

type Placed = readonly NodeFile<RulesFile>[];

const SERVICE_NAME = 'kubernetes.io/service-name';

interface RuledService {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly ServiceRule[];
  /** For people: `the rules of node-1`. */
  readonly source: string;
}

/** Records of the Services that only rules show. */
export function serviceRecordsOf(files: Placed, known: readonly ServiceRecord[]): ServiceRecord[] {
  const names = new Set(known.map(({ subject }) => `${subject.namespace}/${subject.name}`));
  return ruledServices(files, (name) => !names.has(name)).map(recordOf);
}

/** The objects, with those Services and backends added that only rules show. */
export function withRules(objects: InventoryObjects, files: Placed): InventoryObjects {
  const services = new Set(objects.services.map(nameOf));
  const served = new Set([...objects.endpointSlices.map(serviceOf), ...objects.endpoints.map(nameOf)]);
  const missing = ruledServices(files, (name) => !services.has(name));
  const unserved = ruledServices(files, (name) => !served.has(name));
  return {
    ...objects,
    services: [...objects.services, ...missing.map(serviceObject)],
    endpointSlices: [...objects.endpointSlices, ...unserved.flatMap(sliceObjects)],
  };
}

/** Rules of all nodes by Service, sorted by name; the first node that has a port of a Service stands for all. */
function ruledServices(files: Placed, isWanted: (name: string) => boolean): RuledService[] {
  const found = new Map<string, { source: string; ports: Map<string, ServiceRule> }>();
  for (const { path, node, file } of files) {
    for (const rule of file.services) {
      const name = `${rule.namespace}/${rule.name}`;
      if (!isWanted(name)) continue;
      let service = found.get(name);
      if (service === undefined) {
        found.set(name, (service = { source: `the rules of ${node ?? path}`, ports: new Map() }));
      }
      const key = `${rule.portName ?? ''}/${rule.protocol}`;
      if (!service.ports.has(key)) service.ports.set(key, rule);
    }
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { source, ports }]) => {
      const rules = [...ports.values()];
      return { namespace: rules[0]!.namespace, name: rules[0]!.name, rules, source };
    });
}

function recordOf({ namespace, name, rules, source }: RuledService): ServiceRecord {
  const span = { ...UNDATED, afterwards: `only ${source} show it` };
  const spans = (addresses: readonly string[]): ServiceRecord['clusterAddresses'] => {
    return new Map(addresses.map((address) => [address, span]));
  };
  const clusterAddresses = rules.flatMap((rule) => rule.clusterAddresses);
  const externalAddresses = rules.flatMap((rule) => rule.externalAddresses);
  const common = { namespace, name, uid: null, labels: {} };
  return {
    subject: { ...common, kind: 'service', node: null, workload: null, hostNetwork: false },
    latest: {
      ...common,
      clusterAddresses,
      externalAddresses,
      selector: {},
      ports: rules.flatMap(portOf),
      created: null,
      newest: null,
      raw: serviceObject({ namespace, name, rules, source }),
    },
    created: null,
    clusterAddresses: spans(clusterAddresses),
    externalAddresses: spans(externalAddresses),
  };
}

function portOf({ portName, protocol, port, nodePort, backends }: ServiceRule): ServicePort[] {
  if (port === null) return [];
  return [{ name: portName, protocol, port, targetPort: backends[0]?.port ?? null, nodePort }];
}

function serviceObject({ namespace, name, rules }: RuledService): Service {
  const [clusterIP] = rules.flatMap(({ clusterAddresses }) => clusterAddresses);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
    spec: {
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ports: rules.flatMap(({ portName, protocol, port, nodePort }) => {
        if (port === null && nodePort === null) return [];
        return [
          {
            protocol,
            port: port ?? 0,
            ...(portName === null ? {} : { name: portName }),
            ...(nodePort === null ? {} : { nodePort }),
          },
        ];
      }),
    },
  };
}

/** One slice per port: rules do not tell which endpoints serve all ports. */
function sliceObjects({ namespace, name, rules }: RuledService): EndpointSlice[] {
  return rules.flatMap(({ portName, protocol, backends }) => {
    const ports = [...new Set(backends.map(({ port }) => port))];
    return ports.map((port) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: backends[0]!.address.includes(':') ? 'IPv6' : 'IPv4',
      metadata: { namespace, name: `${name}-${protocol.toLowerCase()}-${port}`, labels: { [SERVICE_NAME]: name } },
      ports: [{ protocol, port, ...(portName === null ? {} : { name: portName }) }],
      endpoints: backends.filter((each) => each.port === port).map(({ address }) => ({ addresses: [address] })),
    }));
  });
}

function nameOf(object: unknown): string {
  return `${asText(at(object, 'metadata', 'namespace')) ?? 'default'}/${asText(at(object, 'metadata', 'name')) ?? ''}`;
}

function serviceOf(slice: unknown): string {
  const name = asText(at(slice, 'metadata', 'labels', SERVICE_NAME)) ?? '';
  return `${asText(at(slice, 'metadata', 'namespace')) ?? 'default'}/${name}`;
}
