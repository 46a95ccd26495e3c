/** Small clusters for the inventory's tests: objects as the API writes them, and files in a directory of their own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';
import { type EngineEvent } from '../../src/base/events.js';
import { parseTimestamp, type Timestamp } from '../../src/base/time.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import { loadInventory } from '../../src/inventory/load.js';
import type { Owner } from '../../src/model/owner.js';

/** A timestamp from seconds since 1970. */
export function timestamp(seconds: number): Timestamp {
  const whole = Math.floor(seconds);
  return { seconds: whole, nanoseconds: Math.round((seconds - whole) * 1e9) };
}

/** `10:00:00` or `10:00:00.5` on the day of all fixtures, as RFC 3339. */
export function clock(time: string): string {
  return `2026-03-01T${time}Z`;
}

export function at(time: string): Timestamp {
  const parsed = parseTimestamp(clock(time));
  if (parsed === null) throw new Error(`not a time of day: ${time}`);
  return parsed;
}

export type Json = Record<string, unknown>;

export interface PodOptions {
  namespace?: string;
  uid?: string;
  node?: string | null;
  ip?: string | string[] | null;
  hostIp?: string;
  created?: string;
  started?: string | null;
  running?: string | null;
  finished?: string;
  phase?: string;
  hostNetwork?: boolean;
  deletion?: string;
  grace?: number;
  labels?: Json;
  owner?: { kind: string; name: string; uid?: string };
  ports?: Json[];
}

/** A Pod as `kubectl get -o json` shows it; created at 10:00:00 and running since 10:00:02 unless told otherwise. */
export function pod(name: string, options: PodOptions = {}): Json {
  const { namespace = 'shop', created = '10:00:00', running = '10:00:02', phase = 'Running' } = options;
  const { started = created, node = 'node-1', ip = null, finished } = options;
  const ips = ip === null ? [] : [ip].flat();
  const state =
    finished === undefined
      ? { running: { startedAt: clock(running ?? '') } }
      : { terminated: { startedAt: clock(running ?? ''), finishedAt: clock(finished), exitCode: 0 } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name,
      uid: options.uid ?? `uid-of-${name}`,
      creationTimestamp: clock(created),
      labels: options.labels ?? {},
      ...(options.deletion === undefined
        ? {}
        : { deletionTimestamp: clock(options.deletion), deletionGracePeriodSeconds: options.grace ?? 30 }),
      ...(options.owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: 'apps/v1', controller: true, uid: 'owner-uid', ...options.owner }] }),
    },
    spec: {
      ...(node === null ? {} : { nodeName: node }),
      ...(options.hostNetwork === true ? { hostNetwork: true } : {}),
      containers: [{ name: 'main', ...(options.ports === undefined ? {} : { ports: options.ports }) }],
    },
    status: {
      phase,
      ...(options.hostIp === undefined ? {} : { hostIP: options.hostIp }),
      ...(ips.length === 0 ? {} : { podIP: ips[0], podIPs: ips.map((each) => ({ ip: each })) }),
      ...(started === null ? {} : { startTime: clock(started) }),
      ...(running === null ? {} : { containerStatuses: [{ name: 'main', state }] }),
    },
  };
}

export function node(
  name: string,
  address: string,
  extra: { podCidrs?: string[]; annotations?: Json; status?: Json } = {},
): Json {
  const { podCidrs = [], annotations = {} } = extra;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-of-${name}`, creationTimestamp: clock('09:00:00'), annotations },
    spec: podCidrs.length === 0 ? {} : { podCIDR: podCidrs[0], podCIDRs: podCidrs },
    status: {
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      ...extra.status,
    },
  };
}

export function service(name: string, clusterIp: string, spec: Json = {}, status: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name, uid: `uid-of-${name}`, creationTimestamp: clock('09:30:00') },
    spec: { type: 'ClusterIP', clusterIP: clusterIp, clusterIPs: [clusterIp], ...spec },
    status,
  };
}

export function list(...items: Json[]): Json {
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
}

const directories: string[] = [];

/** Writes files (objects as JSON, strings and bytes as they are) below a fresh directory, which is removed after the tests. */
export function directoryOf(files: Record<string, Json | unknown[] | string | Uint8Array>): string {
  const root = mkdtempSync(join(tmpdir(), 'podtrail-inventory-'));
  directories.push(root);
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content, null, 4),
    );
  }
  return root;
}

afterAll(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

export interface Loaded {
  inventory: Inventory;
  events: EngineEvent[];
}

export async function load(
  files: Record<string, Json | unknown[] | string | Uint8Array>,
  nodeDirectories: Record<string, string> = {},
): Promise<Loaded> {
  const root = directoryOf(files);
  const events: EngineEvent[] = [];
  const given = Object.entries(nodeDirectories).map(([name, path]) => ({ node: name, directory: join(root, path) }));
  return { inventory: await loadInventory([root], given, (event) => events.push(event)), events };
}

/** One snapshot, taken at a stated time. */
export async function snapshot(taken: string, ...items: Json[]): Promise<Inventory> {
  const { inventory } = await load({ 'all.json': list(...items), 'snapshot-taken.txt': `${clock(taken)}\n` });
  return inventory;
}

/** What most tests want to know of an owner: `observed pod shop/web-0`. */
export function short({ confidence, kind, namespace, name, candidates }: Owner): string {
  const who = name === null ? '' : namespace === null ? ` ${name}` : ` ${namespace}/${name}`;
  const others = candidates.map((candidate) => candidate.name);
  return `${confidence} ${kind}${who}${others.length === 0 ? '' : ` [${others.join(' ')}]`}`;
}
