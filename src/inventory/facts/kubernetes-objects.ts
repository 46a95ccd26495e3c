/**
 * Kubernetes objects (API groups core/v1, apps/v1, batch/v1, discovery.k8s.io/v1, networking.k8s.io/v1) to facts.
 *
 * Reads only the fields named here, through guards: objects may be partial, of wrong types or hostile. An object without
 * `kind` (the items of a PodList) takes the kind of its list. Fields: Kubernetes API reference, v1.30.
 */
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.js';
import type { Service } from 'kubernetes-types/core/v1.js';
import { canonicalAddresses } from '../addresses/address-text.js';
import type { KubernetesFacts, NodeSighting, ServicePort, ServiceSighting } from './facts.js';
import { asInteger, asList, asObject, asStringMap, asText, asTexts, at, member, type RawObject } from './guards.js';
import { type Instant, later, parseInstant } from '../instants.js';
import { controllerOf, nameOf, withoutManagedFields } from './object-metadata.js';
import { newestIn, unchangedSince } from './object-times.js';
import { interpretPod } from './pod-object.js';
import { asProtocol } from './protocols.js';

/** Adds what one object says to `facts`. `impliedKind` serves where the object names none. */
export function interpretObject(value: unknown, impliedKind: string | null, facts: KubernetesFacts): void {
  const object = unwrapWatchEvent(value);
  if (object === null) return;
  const kind = asText(member(object, 'kind')) ?? impliedKind;
  if (kind === null) return;
  facts.kinds.set(kind, (facts.kinds.get(kind) ?? 0) + 1);
  const newest = newestIn(object);
  facts.newest = later(facts.newest, newest);
  if (kind.endsWith('NetworkPolicy') && nameOf(object) !== null) {
    facts.policies.push({ object: withKind(object, kind), since: unchangedSince(object) });
  }
  switch (kind) {
    case 'Pod':
      interpretPod(object, newest, facts);
      break;
    case 'Node':
      addIfPresent(facts.nodes, interpretNode(object, newest));
      break;
    case 'Service':
      addIfPresent(facts.services, interpretService(object, newest));
      break;
    case 'ReplicaSet':
    case 'Job':
      interpretController(object, kind, facts);
      break;
    case 'Namespace': {
      const name = nameOf(object);
      if (name !== null) facts.namespaces.push({ name, labels: asStringMap(at(object, 'metadata', 'labels')) });
      break;
    }
    case 'NetworkPolicy':
      if (nameOf(object) !== null) facts.networkPolicies.push(withoutManagedFields(object));
      break;
    case 'EndpointSlice':
      if (nameOf(object) !== null) facts.endpointSlices.push(withoutManagedFields(object) as unknown as EndpointSlice);
      break;
    case 'Endpoints':
      if (nameOf(object) !== null) facts.endpoints.push(withoutManagedFields(object));
      break;
    case 'ServiceCIDR':
      facts.serviceNetworks.push(...asTexts(at(object, 'spec', 'cidrs')));
      break;
  }
}

/** Items of a typed List lack their kind; who reads them alone needs it. */
function withKind(object: RawObject, kind: string): RawObject {
  return withoutManagedFields(Object.hasOwn(object, 'kind') ? object : { ...object, kind });
}

/** `kubectl get --watch --output-watch-events` wraps each object as {type, object}. */
function unwrapWatchEvent(value: unknown): RawObject | null {
  const object = asObject(value);
  if (object === null || asText(member(object, 'kind')) !== null) return object;
  const inner = asObject(member(object, 'object'));
  return inner !== null && asText(member(object, 'type')) !== null ? inner : object;
}

function addIfPresent<T>(list: T[], value: T | null): void {
  if (value !== null) list.push(value);
}

function interpretController(object: RawObject, kind: string, facts: KubernetesFacts): void {
  const name = nameOf(object);
  const namespace = asText(at(object, 'metadata', 'namespace'));
  if (name === null || namespace === null) return;
  const uid = asText(at(object, 'metadata', 'uid'));
  facts.controllers.push({ kind, namespace, name, uid, controller: controllerOf(object) });
}

/** Annotations by which network plugins state a node's addresses on the pod network. */
const GATEWAY_ANNOTATIONS = [
  'projectcalico.org/IPv4IPIPTunnelAddr',
  'projectcalico.org/IPv4VXLANTunnelAddr',
  'projectcalico.org/IPv6VXLANTunnelAddr',
  'projectcalico.org/IPv4WireguardInterfaceAddr',
  'projectcalico.org/IPv6WireguardInterfaceAddr',
  'network.cilium.io/ipv4-cilium-host',
  'network.cilium.io/ipv6-cilium-host',
  'io.cilium.network.ipv4-cilium-host',
  'io.cilium.network.ipv6-cilium-host',
];

/** Annotations that are a WireGuard public key (Calico, Cilium, Kilo), and those of JSON that holds one (flannel). */
const KEY_ANNOTATIONS = [
  'projectcalico.org/WireguardPublicKey',
  'projectcalico.org/WireguardPublicKeyV6',
  'network.cilium.io/wg-pub-key',
  'io.cilium.network.wg-pub-key',
  'kilo.squat.ai/key',
  'flannel.alpha.coreos.com/backend-public-key',
];
const KEY_DATA_ANNOTATIONS = ['flannel.alpha.coreos.com/backend-data', 'flannel.alpha.coreos.com/backend-v6-data'];
const PUBLIC_KEY = /^[A-Za-z0-9+/]{43}=$/;

function wireguardKeysIn(annotations: unknown): string[] {
  const stated = KEY_ANNOTATIONS.flatMap((name) => asText(member(annotations, name)) ?? []);
  const inData = KEY_DATA_ANNOTATIONS.flatMap((name) => {
    const match = /"PublicKey"\s*:\s*"([^"]*)"/.exec(asText(member(annotations, name)) ?? '');
    return match?.[1] ?? [];
  });
  return [...new Set([...stated, ...inData])].filter((key) => PUBLIC_KEY.test(key));
}

/** flannel writes what its VXLAN device needs of the others as JSON: `{"VNI":1,"VtepMAC":"…"}`, for IPv6 apart. */
function tunnelMacsIn(annotations: unknown): string[] {
  const keys = ['flannel.alpha.coreos.com/backend-data', 'flannel.alpha.coreos.com/backend-v6-data'];
  const data = keys.flatMap((key) => asText(member(annotations, key)) ?? []);
  return data.flatMap((text) => /"VtepMAC"\s*:\s*"([0-9a-f:]{17})"/i.exec(text)?.[1] ?? []);
}

function interpretNode(object: RawObject, newest: Instant | null): NodeSighting | null {
  const name = nameOf(object);
  if (name === null) return null;
  const annotations = at(object, 'metadata', 'annotations');
  const addresses = asList(at(object, 'status', 'addresses')).flatMap(
    (entry) => asText(member(entry, 'address')) ?? [],
  );
  const networks = asTexts(at(object, 'spec', 'podCIDRs'));
  const only = asText(at(object, 'spec', 'podCIDR'));
  const stated = GATEWAY_ANNOTATIONS.flatMap((key) => asText(member(annotations, key)) ?? []);
  return {
    name,
    uid: asText(at(object, 'metadata', 'uid')),
    labels: asStringMap(at(object, 'metadata', 'labels')),
    addresses: canonicalAddresses(addresses),
    gatewayAddresses: canonicalAddresses(stated),
    overlay: overlayOf(asText(member(annotations, 'flannel.alpha.coreos.com/backend-type'))),
    podNetworks: networks.length > 0 || only === null ? networks : [only],
    kubeletPort: asInteger(at(object, 'status', 'daemonEndpoints', 'kubeletEndpoint', 'Port')),
    wireguardKeys: wireguardKeysIn(annotations),
    tunnelMacs: tunnelMacsIn(annotations),
    created: parseInstant(at(object, 'metadata', 'creationTimestamp')),
    newest,
  };
}

/** flannel's vxlan, wireguard, ipip and udp backends have a device with the node's podCIDR .0; host-gw and alloc have none. */
function overlayOf(flannelBackend: string | null): NodeSighting['overlay'] {
  if (flannelBackend === null) return 'not stated';
  return ['host-gw', 'alloc', 'extension'].includes(flannelBackend) ? 'none' : 'stated';
}

function interpretService(object: RawObject, newest: Instant | null): ServiceSighting | null {
  const name = nameOf(object);
  const namespace = asText(at(object, 'metadata', 'namespace'));
  const spec = asObject(member(object, 'spec'));
  if (name === null || namespace === null || spec === null) return null;
  const isAlias = member(spec, 'type') === 'ExternalName';
  const cluster = [asText(member(spec, 'clusterIP')) ?? 'None', ...asTexts(member(spec, 'clusterIPs'))];
  const balancers = asList(at(object, 'status', 'loadBalancer', 'ingress'));
  const balancerAddresses = balancers.flatMap((entry) => asText(member(entry, 'ip')) ?? []);
  return {
    namespace,
    name,
    uid: asText(at(object, 'metadata', 'uid')),
    labels: asStringMap(at(object, 'metadata', 'labels')),
    clusterAddresses: isAlias ? [] : canonicalAddresses(cluster),
    externalAddresses: canonicalAddresses([...asTexts(member(spec, 'externalIPs')), ...balancerAddresses]),
    selector: asStringMap(member(spec, 'selector')),
    ports: asList(member(spec, 'ports')).flatMap((port) => interpretServicePort(port) ?? []),
    created: parseInstant(at(object, 'metadata', 'creationTimestamp')),
    newest,
    raw: withoutManagedFields(object) as unknown as Service,
  };
}

function interpretServicePort(value: unknown): ServicePort | null {
  const port = asInteger(member(value, 'port'));
  const protocol = asProtocol(member(value, 'protocol'));
  if (port === null || protocol === null) return null;
  const target = member(value, 'targetPort');
  return {
    name: asText(member(value, 'name')),
    protocol,
    port,
    targetPort: asInteger(target) ?? asText(target),
    nodePort: asInteger(member(value, 'nodePort')),
  };
}
