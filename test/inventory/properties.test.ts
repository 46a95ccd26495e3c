/** Properties: owners against a simulated cluster and a naive oracle, snapshots in any order, and input that is not sane. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { ignoreEvents } from '../../src/base/events.js';
import { formatTimestamp } from '../../src/base/time.js';
import { buildInventory } from '../../src/inventory/cluster.js';
import { DocumentCollector } from '../../src/inventory/formats/documents.js';
import { instantOf } from '../../src/inventory/instants.js';
import type { Inventory } from '../../src/inventory/inventory.js';
import { describeInventoryFile, loadInventory } from '../../src/inventory/load.js';
import { OwnerPool, type Subject } from '../../src/inventory/owners.js';
import type { Claim } from '../../src/inventory/time/claims.js';
import { dateSnapshots, type DatedDocument } from '../../src/inventory/time/snapshots.js';
import { AddressTimeline } from '../../src/inventory/time/timeline.js';
import type { Owner } from '../../src/model/owner.js';
import { type Json, list, node, pod, service, timestamp } from './fixtures.js';

const IP = '10.244.1.7';
const EPOCH = 1_772_359_200; // 2026-03-01T10:00:00Z

/** A pod's life as it really was, in seconds after EPOCH; one address passes from pod to pod. */
interface Life {
  uid: string;
  created: number;
  started: number;
  addressed: number;
  running: number;
  ended: number;
  deleted: number;
  name: string;
}

/** Whole hundredths, because doubles shrink without end. */
function centiseconds(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min: Math.round(min * 100), max: max * 100 }).map((value) => value / 100);
}

/** Durations to lives: each begins to hold the address after the one before has ended, but may have been created earlier. */
const lives = fc
  .array(
    fc.record({
      gap: centiseconds(0.01, 5),
      early: centiseconds(0, 40),
      taking: centiseconds(0, 3),
      starting: centiseconds(0, 3),
      lasting: centiseconds(0.5, 60),
      lingering: fc.oneof(fc.constant(0.01), centiseconds(0.01, 90)),
      isNamesake: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((plans): Life[] => {
    const result: Life[] = [];
    let free = 5;
    for (const [index, plan] of plans.entries()) {
      const addressed = free + plan.gap + plan.taking;
      const started = Math.max(0, addressed - plan.taking);
      const previous = result[index - 1];
      // A StatefulSet makes the next pod of a name only when the one before is gone.
      const isNamesake = plan.isNamesake && previous !== undefined && previous.deleted <= started;
      const created = isNamesake ? Math.max(previous.deleted, started - plan.early) : Math.max(0, started - plan.early);
      const running = addressed + plan.starting;
      const ended = running + plan.lasting;
      const name = isNamesake ? previous.name : `pod-${index}`;
      result.push({
        uid: `uid-${index}`,
        name,
        created,
        started,
        addressed,
        running,
        ended,
        deleted: ended + plan.lingering,
      });
      free = ended;
    }
    return result;
  });

const rfc3339 = (offset: number): string => formatTimestamp(EPOCH + Math.floor(offset), 0);

/** The pod as the API shows it at an instant; null if there is none. */
function showAt(life: Life, now: number): Json | null {
  if (now < life.created || now >= life.deleted) return null;
  const isOver = now >= life.ended;
  const startedAt = rfc3339(life.running);
  const state = isOver ? { terminated: { startedAt, finishedAt: rfc3339(life.ended) } } : { running: { startedAt } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: life.name, uid: life.uid, creationTimestamp: rfc3339(life.created) },
    spec: { nodeName: 'node-1' },
    status: {
      phase: isOver ? 'Succeeded' : now >= life.running ? 'Running' : 'Pending',
      ...(now >= life.started ? { startTime: rfc3339(life.started) } : {}),
      ...(now >= life.addressed ? { podIP: IP, podIPs: [{ ip: IP }] } : {}),
      ...(now >= life.running ? { containerStatuses: [{ state }] } : {}),
    },
  };
}

/** Pods that are always there, so that a list is visibly one of everything. */
const bystanders = [
  pod('a', { ip: '10.244.9.1', namespace: 'default', labels: { a: 'b' } }),
  pod('b', { ip: '10.244.9.2', node: 'node-9' }),
];

function takeSnapshots(
  all: readonly Life[],
  instants: readonly number[],
  directoryOf: (index: number) => string,
): Inventory {
  const documents: DatedDocument[] = [];
  const stated = instants.map((instant, index) => ({
    path: `${directoryOf(index)}/taken.txt`,
    instant: EPOCH + instant,
  }));
  for (const [index, instant] of instants.entries()) {
    const shown = all.map((life) => showAt(life, instant)).filter((each) => each !== null);
    const collector = new DocumentCollector();
    collector.value(list(...bystanders, ...shown));
    for (const document of collector.documents) {
      documents.push({ ...document, path: `${directoryOf(index)}/pods.json`, modified: 0, ages: null });
    }
  }
  const { snapshots } = dateSnapshots(documents, stated);
  return buildInventory({ stated: [], snapshots, hostFiles: [], nodeDirectories: [], files: [], warnings: [] });
}

const names = (owner: Owner, uid: string): boolean =>
  owner.uid === uid || owner.candidates.some((candidate) => candidate.uid === uid);
const snapshotTimes = fc.array(centiseconds(0, 300), { minLength: 1, maxLength: 6 });

/** Instants worth asking about: everything that happened, and a little before and after. */
function moments(all: readonly Life[], instants: readonly number[]): number[] {
  const events = all.flatMap(({ created, started, addressed, running, ended, deleted }) => [
    created,
    started,
    addressed,
    running,
    ended,
    deleted,
  ]);
  return [...events, ...instants].flatMap((time) => [
    time - 1.01,
    time - 0.001,
    time,
    time + 0.001,
    time + 0.5,
    time + 1.01,
  ]);
}

describe('a simulated cluster', () => {
  test('an observed owner never holds the address of another, and who was seen is always named', () => {
    fc.assert(
      fc.property(lives, snapshotTimes, (all, instants) => {
        const inventory = takeSnapshots(all, instants, (index) => `/s${index}`);
        for (const time of moments(all, instants)) {
          const owner = inventory.ownerOf(IP, timestamp(EPOCH + time));
          const holder = all.find(({ addressed, ended }) => time >= addressed && time < ended);
          if (owner.confidence === 'observed' && holder !== undefined) expect(owner.uid).toBe(holder.uid);
          const isSeen = (life: Life): boolean => instants.some((at) => at >= life.addressed && at < life.deleted);
          if (holder !== undefined && isSeen(holder)) expect(names(owner, holder.uid)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('a List taken in the second of a creation, before it, does not say that the pod is gone', () => {
    const life = { uid: 'uid-0', name: 'pod-0', created: 0.99, started: 8, addressed: 8.6, running: 9 };
    const inventory = takeSnapshots([{ ...life, ended: 9.5, deleted: 9.51 }], [9.5, 0], (index) => `/s${index}`);
    expect(names(inventory.ownerOf(IP, timestamp(EPOCH + 9.2)), 'uid-0')).toBe(true);
  });

  test('an answer is the same for as long as it says', () => {
    fc.assert(
      fc.property(lives, snapshotTimes, (all, instants) => {
        const inventory = takeSnapshots(all, instants, (index) => `/s${index}`);
        const times = moments(all, instants).map((time) => instantOf(timestamp(EPOCH + time)));
        for (const time of times) {
          const { owner, from, until } = inventory.tenureOf(IP, time, null);
          const within = times.filter((other) => from <= other && other < until);
          expect(within).toContain(time);
          expect(within.every((other) => inventory.ownerOf(IP, timestamp(other)) === owner)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('the order and the names of the snapshots do not matter', () => {
    fc.assert(
      fc.property(
        lives,
        fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 5 }),
        (all, instants) => {
          const one = takeSnapshots(all, instants, (index) => `/s${index}`);
          const other = takeSnapshots(all, [...instants].reverse(), (index) => `/t${9 - index}`);
          for (const time of moments(all, instants)) {
            const at = timestamp(EPOCH + time);
            expect(other.ownerOf(IP, at)).toEqual(one.ownerOf(IP, at));
          }
          expect(other.summary).toEqual(one.summary);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the timeline of an address', () => {
  const bound = fc.integer({ min: 0, max: 12 });
  const claims = fc
    .array(fc.tuple(bound, bound, bound, bound, fc.boolean()), { minLength: 1, maxLength: 6 })
    .map((rows) =>
      rows.map(([a, b, c, d, isCertain], index): Claim => {
        const [possibleFrom, certainFrom, certainUntil, possibleUntil] = [a, b, c, d].sort((x, y) => x - y) as [
          number,
          number,
          number,
          number,
        ];
        const certain = isCertain && certainFrom < certainUntil;
        const subject: Subject = {
          kind: 'pod',
          namespace: 'n',
          name: `p${index}`,
          uid: `u${index}`,
          node: null,
          workload: null,
          labels: {},
          hostNetwork: false,
        };
        const span = {
          possibleFrom,
          certainFrom: certain ? certainFrom : Infinity,
          certainUntil: certain ? certainUntil : -Infinity,
          possibleUntil,
          afterwards: 'because',
        };
        return { subject, span, created: null, assumption: null };
      }),
    );

  /** The rule in the plainest words. */
  function expected(all: readonly Claim[], time: number): string[] {
    const certain = all.filter(({ span }) => span.certainFrom <= time && time < span.certainUntil);
    if (certain.length > 0) return certain.map(({ subject }) => subject.uid ?? '');
    const possible = all.filter(({ span }) => {
      if (time < span.possibleFrom || time >= span.possibleUntil) return false;
      if (span.certainFrom === Infinity) return true;
      // Another's certain time between this one's certain time and now: the address has changed hands since.
      return !all.some(({ span: other }) => {
        if (other.certainFrom === Infinity) return false;
        const isAfter = other.certainFrom >= span.certainUntil && other.certainFrom <= time;
        const isBefore = other.certainUntil <= span.certainFrom && other.certainUntil > time;
        return isAfter || isBefore;
      });
    });
    return possible.map(({ subject }) => subject.uid ?? '');
  }

  test('answers as the plain rule does', () => {
    fc.assert(
      fc.property(claims, fc.array(fc.integer({ min: -2, max: 28 }), { minLength: 1 }), (all, halves) => {
        const pool = new OwnerPool();
        const nobody = pool.owner(pool.nameless('unknown'), 'unknown', '');
        const timeline = new AddressTimeline(all, [], { pool, hostPods: new Map(), unclaimed: () => nobody });
        for (const half of halves) {
          const owner = timeline.ownerAt(half / 2);
          const named =
            owner.confidence === 'ambiguous'
              ? owner.candidates.map(({ uid }) => uid)
              : owner.uid === null
                ? []
                : [owner.uid];
          expect(named).toEqual(expected(all, half / 2).sort());
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('input that is not sane', () => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'podtrail-hostile-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  let files = 0;

  async function survives(content: string | Uint8Array): Promise<Inventory> {
    // A name of its own: a property that ran out of time may still be reading.
    const path = join(root, `input-${files++}`);
    writeFileSync(path, content);
    const inventory = await loadInventory([path], [], ignoreEvents);
    for (const address of [IP, '192.168.0.1', '10.96.0.20', '10.0.2.15', 'x']) {
      const owner = inventory.ownerOf(address, timestamp(EPOCH));
      inventory.declaresPort(owner, 'TCP', 80);
      expect(['observed', 'assumed', 'ambiguous', 'unknown']).toContain(owner.confidence);
    }
    expect((await describeInventoryFile(path)).recognizedAs).not.toBe('');
    return inventory;
  }

  test('twenty thousand pods with one address and one name are no trap', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ({
      kind: 'Pod',
      metadata: {
        name: 'same',
        namespace: 'n',
        uid: `u${index}`,
        creationTimestamp: formatTimestamp(EPOCH + index, 0),
      },
      status: {
        phase: 'Succeeded',
        podIP: IP,
        containerStatuses: [
          {
            state: {
              terminated: {
                startedAt: formatTimestamp(EPOCH + index, 0),
                finishedAt: formatTimestamp(EPOCH + index + 5, 0),
              },
            },
          },
        ],
      },
    }));
    const inventory = await survives(JSON.stringify(list(...many)));
    // What could not be read would say so here.
    expect(inventory.summary.warnings).toEqual([]);
    const owner = inventory.ownerOf(IP, timestamp(EPOCH + 500.5));
    expect(owner).toMatchObject({ confidence: 'ambiguous' });
    expect(owner.candidates.length).toBeGreaterThan(1);
  });

  const sound = list(
    pod('web-0', {
      ip: IP,
      labels: { app: 'web' },
      owner: { kind: 'ReplicaSet', name: 'x' },
      ports: [{ containerPort: 80 }],
    }),
    pod('job', { ip: IP, phase: 'Succeeded', finished: '10:00:03', deletion: '10:00:09' }),
    pod('proxy', { ip: '192.168.0.1', hostNetwork: true }),
    node('node-1', '192.168.0.1', { podCidrs: ['10.244.1.0/24'] }),
    service('web', '10.96.0.20', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] }),
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace: 'shop' }, spec: {} },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'p', namespace: 'shop' },
      endpoints: [{}],
      ports: [{}],
    },
  );
  const links = [
    { ifindex: 2, ifname: 'eth0', link_type: 'ether', addr_info: [{ local: '10.0.2.15', prefixlen: 24 }] },
  ];

  /** Replaces the value at one place of a structure by something else. */
  function replaceSomewhere(value: unknown, path: readonly number[], by: unknown): unknown {
    const [step, ...rest] = path;
    if (step === undefined || typeof value !== 'object' || value === null) return by;
    const keys = Object.keys(value);
    if (keys.length === 0) return by;
    const key = keys[step % keys.length]!;
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
    (copy as Record<string, unknown>)[key] = replaceSomewhere((value as Record<string, unknown>)[key], rest, by);
    return copy;
  }

  const places = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 9 });
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      '',
      '0',
      -1,
      1e308,
      1.5,
      true,
      [],
      {},
      [null],
      '9999-12-31T23:59:59Z',
      '-0001-01-01T00:00:00Z',
      '::/0',
      '0.0.0.0/0',
      '10.0.0.0/33',
      '1.2.3.4%lo',
    ),
  );

  test('wrong types anywhere, as JSON and as YAML', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(places, anything), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.boolean(),
        async (changes, asYaml, ofLinks) => {
          let value: unknown = ofLinks ? links : sound;
          for (const [path, by] of changes) value = replaceSomewhere(value, path, by);
          await survives(asYaml ? dump(value) : JSON.stringify(value));
        },
      ),
      { numRuns: 400, interruptAfterTimeLimit: 20_000 },
    );
  });

  test('text cut, doubled and changed anywhere', async () => {
    const texts = [
      JSON.stringify(sound, null, 1),
      dump(sound),
      JSON.stringify(links),
      `${JSON.stringify(sound)}\n${JSON.stringify(sound)}`,
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(
          fc.tuple(
            fc.nat(),
            fc.nat({ max: 40 }),
            fc.oneof(
              fc.string(),
              fc.constantFrom('"', '{', '}', '[', ']', '\n', '\\', '&a ', '*a', '---\n', '\0', '\ufeff'),
            ),
          ),
        ),
        async (text, edits) => {
          let edited = text;
          for (const [place, length, by] of edits) {
            const from = place % (edited.length + 1);
            edited = edited.slice(0, from) + by + edited.slice(from + length);
          }
          await survives(edited);
        },
      ),
      { numRuns: 400, interruptAfterTimeLimit: 20_000 },
    );
  });

  test('any bytes and any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.uint8Array({ maxLength: 600 }), fc.string({ unit: 'binary', maxLength: 300 })),
        async (content) => {
          await survives(content);
        },
      ),
      { numRuns: 400, interruptAfterTimeLimit: 20_000 },
    );
  });

  const bomb = (): string => {
    const levels = Array.from(
      { length: 9 },
      (_, level) =>
        `a${level}: &a${level} [${Array<string>(9)
          .fill(level === 0 ? 'x' : `*a${level - 1}`)
          .join(', ')}]`,
    );
    return `apiVersion: v1\nkind: List\n${levels.join('\n')}\nitems: *a8\n`;
  };

  test.each([
    ['absurd nesting', '['.repeat(200_000)],
    ['absurd nesting, closed', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['absurd nesting in a List', `{"kind":"List","apiVersion":"v1","items":[${'['.repeat(100_000)}`],
    ['absurd nesting in YAML', `kind: Pod\napiVersion: v1\nx: ${'['.repeat(100_000)}`],
    ['a YAML alias bomb', bomb()],
    [
      'many aliases to one big list',
      `apiVersion: v1\nkind: List\nbig: &big [${'1,'.repeat(50_000)}]\nitems:\n${'- {kind: Pod, metadata: {name: x}, status: {conditions: *big}}\n'.repeat(5000)}`,
    ],
    ['duplicate keys', '{"kind":"Pod","kind":"List","apiVersion":"v1","items":{},"items":[]}'],
    ['many unbalanced lines', '{"a":\n'.repeat(100_000)],
    ['one endless string', `{"kind": "${'x'.repeat(1_000_000)}`],
    ['many comment signs', `${'# '.repeat(100_000)}x\ny: 1\n`],
  ])('%s', async (_, content) => {
    await survives(content);
  });

  test('keys that name the prototype pollute nothing', async () => {
    const text = JSON.stringify(list(pod('web-0', { ip: IP }))).replace(
      '"labels":{}',
      '"labels":{"__proto__":"x","constructor":"y","app":"z"}',
    );
    const inventory = await survives(text.replace('"spec":{', '"spec":{"__proto__":{"polluted":true},'));
    const owner = inventory.ownerOf(IP, timestamp(EPOCH + 1));
    expect(owner.labels).toEqual({ constructor: 'y', app: 'z' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
