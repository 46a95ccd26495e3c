/** What tshark computed for a capture in shared/captures (its README describes the files), and where these captures are. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sharedRoot } from '../tools/shared.js';

/** Formats that podtrail does not read; test/capture/expected.test.ts shows that each is refused by name. */
const NOT_READ: ReadonlySet<string> = new Set(['pcapplusplus__solaris.snoop']);

export const capturesFolder = sharedRoot === null ? '' : join(sharedRoot, 'captures');

export const captureNames: readonly string[] =
  sharedRoot === null
    ? []
    : readdirSync(capturesFolder, { withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.includes('__') && !NOT_READ.has(entry.name))
        .map((entry) => entry.name)
        .sort();

export interface ExpectedFlow {
  readonly proto: 'tcp' | 'udp' | 'sctp';
  readonly a: string;
  readonly a_port: string;
  readonly b: string;
  readonly b_port: string;
  readonly a_to_b: { readonly packets: number; readonly bytes: number };
  readonly b_to_a: { readonly packets: number; readonly bytes: number };
  readonly first_frame: string;
}

export interface Expected {
  readonly flows: readonly ExpectedFlow[];
  readonly flows_no_defragment?: readonly ExpectedFlow[];
  /** With the keys that the capture brings discarded, so that encrypted traffic stays what it is on the wire. */
  readonly without_secrets?: { readonly flows: readonly ExpectedFlow[] };
  readonly vxlan_vnis: Readonly<Record<string, number>>;
  readonly geneve_vnis: Readonly<Record<string, number>>;
  readonly gre_keys: Readonly<Record<string, number>>;
  readonly vlan_ids: Readonly<Record<string, number>>;
  readonly mpls_labels: Readonly<Record<string, number>>;
  readonly sctp_verification_tags: Readonly<Record<string, number>>;
  readonly wireguard: {
    readonly messages_by_type: Readonly<Record<string, number>>;
    readonly by_type_sender_receiver: readonly {
      readonly type: string;
      readonly sender: string;
      readonly receiver: string;
      readonly count: number;
    }[];
  };
  readonly ip_fragments: {
    readonly ipv4_fragment_packets: number;
    readonly ipv4_first: number;
    readonly ipv6_fragment_header_packets: number;
  };
  readonly packets_per_wtap_encap: Readonly<Record<string, number>>;
}

export function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(capturesFolder, 'expected', `${name}.json`), 'utf8')) as Expected;
}

/** One frame: a field's occurrences, outermost first; none if the frame does not have it. */
export type Frame = (field: string) => readonly string[];

/** The frames of a capture as tshark's columns show them, with reassembly. */
export function framesOf(name: string): Frame[] {
  const text = gunzipSync(readFileSync(join(capturesFolder, 'expected', `${name}.fields.tsv.gz`))).toString();
  const [header, ...rows] = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.map((row) => (field): readonly string[] => {
    const index = header!.indexOf(field);
    if (index < 0) throw new Error(`${name}: no column ${field}`);
    const value = row[index]!;
    return value === '' ? [] : value.split('|');
  });
}
