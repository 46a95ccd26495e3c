/** What the decoder says of every packet of one capture, counted the way tshark's columns are. */
import { Readable } from 'node:stream';
import { openCapture } from '../../src/capture/open.js';
import { decode } from '../../src/wire/decode.js';
import { DecodeOptions } from '../../src/wire/decode-options.js';
import { Decoded, ENCAPSULATION, type Level, NETWORK_IPV4, NETWORK_IPV6, NONE } from '../../src/wire/decoded.js';
import { STOP } from '../../src/wire/stop.js';
import type { Expected } from './expected.js';

type Counts = Record<string, number>;

const COUNTED = ['vxlanVnis', 'geneveVnis', 'greKeys', 'vlanIds', 'mplsLabels', 'wireguard', 'fragments'] as const;

/** Packets per value; those of `wireguard` are `type sender receiver`. */
export type Survey = Readonly<Record<(typeof COUNTED)[number], Counts>>;

export interface PacketSurvey extends Survey {
  /** Messages of types 1..4. */
  readonly wireguardTypes: number[];
  /** Kinds and ids of the tunnels that an IP header was in, each once, sorted, as `kind:id`. */
  tunnels: string[];
  /** Packets per link type that is not decoded. */
  readonly undecodedLinkTypes: Counts;
}

function emptySurvey(): PacketSurvey {
  return {
    wireguardTypes: [0, 0, 0, 0],
    tunnels: [],
    vxlanVnis: {},
    geneveVnis: {},
    greKeys: {},
    vlanIds: {},
    mplsLabels: {},
    wireguard: {},
    fragments: {},
    undecodedLinkTypes: {},
  };
}

export async function surveyOf(path: string): Promise<PacketSurvey> {
  const cursor = await openCapture(path, { standardInput: () => Readable.from([]) });
  const options = new DecodeOptions([]);
  const d = new Decoded();
  const survey = emptySurvey();
  do {
    while (cursor.next()) {
      decode(cursor.view, cursor.dataAt, cursor.capturedLength, cursor.wireLength, cursor.linkType, options, d);
      for (let i = 0; i < d.depth; i++) addLevel(survey, d.levels[i]!);
      if (d.wireguardType !== NONE) addWireguard(survey, d);
      if (d.stop === STOP.LinkTypeNotDecoded) add(survey.undecodedLinkTypes, String(d.stopValue));
    }
  } while (await cursor.fill());
  await cursor.close();
  survey.tunnels = [...new Set(survey.tunnels)].sort();
  return survey;
}

/** tshark's side. It shows VXLAN-GPE's VNI in VXLAN's column, all labels of an MPLS stack, and fragment headers of whole IPv6 packets. */
export function expectedSurvey(expected: Expected): Survey {
  const survey = emptySurvey();
  Object.assign(survey.vxlanVnis, expected.vxlan_vnis);
  for (const [vni, count] of Object.entries(expected.geneve_vnis)) add(survey.geneveVnis, String(Number(vni)), count);
  for (const [key, count] of Object.entries(expected.gre_keys)) add(survey.greKeys, String(Number(key)), count);
  Object.assign(survey.vlanIds, expected.vlan_ids);
  Object.assign(survey.mplsLabels, expected.mpls_labels);
  for (const { type, sender, receiver, count } of expected.wireguard.by_type_sender_receiver) {
    add(survey.wireguard, `${type} ${sender} ${receiver}`, count);
  }
  const { ip_fragments: fragments } = expected;
  if (fragments.ipv4_fragment_packets > 0) survey.fragments['IPv4'] = fragments.ipv4_fragment_packets;
  if (fragments.ipv4_first > 0) survey.fragments['IPv4, first'] = fragments.ipv4_first;
  if (fragments.ipv6_fragment_header_packets > 0) survey.fragments['IPv6'] = fragments.ipv6_fragment_header_packets;
  return survey;
}

/** One line per count that differs. */
export function surveyDifferences(expected: Survey, ours: Survey): string[] {
  const lines: string[] = [];
  for (const kind of COUNTED) {
    for (const key of new Set([...Object.keys(expected[kind]), ...Object.keys(ours[kind])])) {
      const [tshark, podtrail] = [expected[kind][key] ?? 0, ours[kind][key] ?? 0];
      if (tshark !== podtrail) lines.push(`${kind} ${key}: tshark ${tshark} packets, podtrail ${podtrail}`);
    }
  }
  return lines.sort();
}

function add(counts: Counts, key: string, count = 1): void {
  counts[key] = (counts[key] ?? 0) + count;
}

function addLevel(survey: PacketSurvey, level: Level): void {
  const { encapsulation, tunnelId } = level;
  if (encapsulation === ENCAPSULATION.Vxlan || encapsulation === ENCAPSULATION.VxlanGpe) {
    add(survey.vxlanVnis, String(tunnelId));
  }
  if (encapsulation === ENCAPSULATION.Geneve) add(survey.geneveVnis, String(tunnelId));
  if (encapsulation === ENCAPSULATION.Gre && tunnelId !== NONE) add(survey.greKeys, String(tunnelId >>> 0));
  for (const vlan of [level.vlan0, level.vlan1, level.vlan2]) if (vlan !== NONE) add(survey.vlanIds, String(vlan));
  if (level.mplsLabel !== NONE) add(survey.mplsLabels, String(level.mplsLabel));
  const isIp = level.network === NETWORK_IPV4 || level.network === NETWORK_IPV6;
  if (isIp && encapsulation !== ENCAPSULATION.None) survey.tunnels.push(`${encapsulation}:${tunnelId}`);
  if (level.isFragment === 0) return;
  if (level.network === NETWORK_IPV4) {
    add(survey.fragments, 'IPv4');
    if (level.fragmentOffset === 0) add(survey.fragments, 'IPv4, first');
  }
  if (level.network === NETWORK_IPV6) add(survey.fragments, 'IPv6');
}

function addWireguard(survey: PacketSurvey, d: Decoded): void {
  const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
  const { wireguardType: type } = d;
  survey.wireguardTypes[type - 1]!++;
  const sender = type <= 2 ? hex(d.wireguardSender) : '';
  const receiver = type >= 2 ? hex(d.wireguardReceiver) : '';
  add(survey.wireguard, `${type} ${sender} ${receiver}`);
}
