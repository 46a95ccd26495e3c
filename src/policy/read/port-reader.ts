/**
 * Ports and protocols of rules in the three spellings of the APIs (NETWORKPOLICY.md 1.6, 1.11, 2.4).
 *
 * An entry that is invalid is `nothing`, after an error.
 */
import type { PortMatch, TransportProtocol } from '../policy.js';
import type { Field } from './field.js';
import { unknownValue } from './selector-reader.js';

export const MAX_PORT = 65_535;
const NOTHING: PortMatch = { type: 'nothing' };
const PROTOCOLS: readonly TransportProtocol[] = ['TCP', 'UDP', 'SCTP'];
/** IANA_SVC_NAME (RFC 6335 section 5.1), as container port names must be. */
const SERVICE_NAME = /^(?=.{1,15}$)(?=.*[a-z])(?!.*--)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

function readProtocol(field: Field): TransportProtocol | null {
  if (!field.isSet) return 'TCP';
  const text = field.text();
  if (text === null) return null;
  const protocol = PROTOCOLS.find((known) => known === text);
  return protocol ?? field.fail(unknownValue(text, PROTOCOLS));
}

function readNumber(field: Field, least = 1): number | null {
  const port = field.integer();
  if (port === null) return null;
  return port >= least && port <= MAX_PORT ? port : field.fail(`${port} is not between ${least} and ${MAX_PORT}`);
}

function readName(field: Field): string | null {
  const name = field.text();
  if (name === null) return null;
  if (SERVICE_NAME.test(name)) return name;
  const hint = /^\d+$/.test(name) ? '; a number stands without quotes' : '';
  return field.fail(`"${name.slice(0, 60)}" is no valid name of a container port${hint}`);
}

/** An entry of `ports` of a NetworkPolicy rule. */
export function readNetworkPolicyPort(field: Field): PortMatch {
  if (!field.isObject(['protocol', 'port', 'endPort'])) return NOTHING;
  const protocol = readProtocol(field.member('protocol'));
  const port = field.member('port');
  const endPort = field.member('endPort');
  if (protocol === null) return NOTHING;
  if (port.isText) {
    const name = readName(port);
    if (endPort.isSet) endPort.fail('must not stand beside a port name');
    return name === null || endPort.isSet ? NOTHING : { type: 'named', protocol, name };
  }
  if (!port.isSet) {
    if (!endPort.isSet) return { type: 'range', protocol, from: 0, to: MAX_PORT };
    endPort.fail('needs a port to begin with');
    return NOTHING;
  }
  const from = readNumber(port);
  const to = endPort.isSet ? readNumber(endPort) : from;
  if (from === null || to === null) return NOTHING;
  if (to < from) endPort.fail(`${to} is less than port ${from}`);
  return to < from ? NOTHING : { type: 'range', protocol, from, to };
}

/** An entry of `ports` of an AdminNetworkPolicy or BaselineAdminNetworkPolicy rule. */
export function readAdminPort(field: Field): PortMatch {
  const kinds = ['portNumber', 'portRange', 'namedPort'];
  const kind = onlyMember(field, kinds);
  if (kind === null) return NOTHING;
  const value = field.member(kind);
  if (kind === 'namedPort') return namedPort(value);
  const isRange = kind === 'portRange';
  if (!value.isObject(isRange ? ['protocol', 'start', 'end'] : ['protocol', 'port'])) return NOTHING;
  const protocol = readProtocol(value.member('protocol'));
  return protocol === null ? NOTHING : isRange ? readRange(value, protocol) : single(value.member('port'), protocol);
}

/** An entry of `protocols` of a ClusterNetworkPolicy rule. */
export function readClusterProtocol(field: Field): PortMatch {
  const kind = onlyMember(field, ['tcp', 'udp', 'sctp', 'destinationNamedPort']);
  if (kind === null) return NOTHING;
  const value = field.member(kind);
  if (kind === 'destinationNamedPort') return namedPort(value);
  const protocol = PROTOCOLS.find((known) => known.toLowerCase() === kind);
  if (protocol === undefined || !value.isObject(['destinationPort'])) return NOTHING;
  const port = value.member('destinationPort');
  if (!port.isSet) return { type: 'range', protocol, from: 0, to: MAX_PORT };
  switch (onlyMember(port, ['number', 'range'])) {
    case 'number':
      return single(port.member('number'), protocol);
    case 'range':
      return readRange(port.member('range'), protocol);
    default:
      return NOTHING;
  }
}

function namedPort(field: Field): PortMatch {
  const name = readName(field);
  return name === null ? NOTHING : { type: 'named', protocol: null, name };
}

function single(field: Field, protocol: TransportProtocol): PortMatch {
  const port = readNumber(field);
  return port === null ? NOTHING : { type: 'range', protocol, from: port, to: port };
}

function readRange(field: Field, protocol: TransportProtocol): PortMatch {
  const from = readNumber(field.member('start'));
  const to = readNumber(field.member('end'));
  if (from === null || to === null) return NOTHING;
  if (to < from) field.member('end').fail(`${to} is less than start ${from}`);
  return to < from ? NOTHING : { type: 'range', protocol, from, to };
}

/** The one of these members that is set; null, after an error, if none or several are. */
export function onlyMember(field: Field, names: readonly string[]): string | null {
  if (!field.isObject(names)) return null;
  const [name, ...others] = field.setMembers(names);
  if (name !== undefined && others.length === 0) return name;
  return field.fail(`must have exactly one of ${names.join(', ')}${name === undefined ? '' : ', but has several'}`);
}
