/** Connection tracking tables of nodes: every form that the tools print, what is kept of them, and what damage costs. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AddressTable, formatIpv4 } from '../../src/base/address.js';
import { ConntrackLine } from '../../src/inventory/conntrack/conntrack-line.js';
import { ConntrackReader, looksLikeConntrack } from '../../src/inventory/conntrack/conntrack-reader.js';
import { TranslationTable, type TranslatedEnd } from '../../src/inventory/conntrack/translation-table.js';
import { canonicalAddress } from '../../src/inventory/addresses/address-text.js';
import { load, list, node, pod } from './fixtures.js';

const DNAT = 'src=10.244.1.7 dst=10.96.0.10 sport=40000 dport=53 src=10.244.2.9 dst=10.244.1.7 sport=5353 dport=40000';

interface Told {
  readonly original: readonly [string, number, string, number];
  readonly reply: readonly [string, number, string, number];
}

function read(
  text: string,
): (Told & { protocol: number; event: string; time: number | null; id: number | null }) | null {
  const addresses = new AddressTable();
  const line = new ConntrackLine(addresses);
  if (!line.read(text)) return null;
  const tell = ({ source, sourcePort, destination, destinationPort }: ConntrackLine['original']): Told['original'] => {
    return [addresses.text(source), sourcePort, addresses.text(destination), destinationPort];
  };
  const { protocol, event, time, id } = line;
  return { protocol, event, time, id, original: tell(line.original), reply: tell(line.reply) };
}

describe('a line', () => {
  const ends: Told = {
    original: ['10.244.1.7', 40000, '10.96.0.10', 53],
    reply: ['10.244.2.9', 5353, '10.244.1.7', 40000],
  };
  test.each([
    ['conntrack -L', `udp      17 25 ${DNAT} mark=0 use=1`, { event: 'listed', id: null }],
    [
      'conntrack -L -o extended,id,timestamp',
      'ipv4     2 udp      17 25 src=10.244.1.7 dst=10.96.0.10 sport=40000 dport=53 packets=2 bytes=152 src=10.244.2.9 dst=10.244.1.7 ' +
        'sport=5353 dport=40000 packets=2 bytes=261 [ASSURED] mark=0 secctx=system_u:object_r:unlabeled_t:s0 zone=3 delta-time=5 use=1 id=1202423125',
      { event: 'listed', id: 1202423125 },
    ],
    ['/proc/net/nf_conntrack', `ipv4     2 udp      17 25 ${DNAT} mark=0 zone=0 use=2`, { event: 'listed', id: null }],
    ['conntrack -E', `    [NEW] udp      17 30 ${DNAT.replace('53 src', '53 [UNREPLIED] src')}`, { event: 'new' }],
    [
      'conntrack -E -o timestamp,id',
      `[1795445144.056562]\t [UPDATE] udp      17 30 ${DNAT} id=7`,
      { event: 'update', time: 1795445144.056562, id: 7 },
    ],
    ['the end of an entry, which has no time-out', `[DESTROY] udp      17 ${DNAT}`, { event: 'destroy' }],
    ['with the end of a line of Windows', `udp      17 25 ${DNAT} use=1\r`, { event: 'listed' }],
  ])('of %s', (_form, text, more) => {
    expect(read(text)).toMatchObject({ protocol: 17, ...ends, ...more });
  });

  test('of TCP, IPv6', () => {
    expect(
      read(
        'ipv6     10 tcp      6 431999 ESTABLISHED src=fd00:0:0::1 dst=fd00::2 sport=1 dport=2 src=fd00::3 dst=fd00::1 sport=4 dport=1',
      ),
    ).toMatchObject({ protocol: 6, original: ['fd00::1', 1, 'fd00::2', 2], reply: ['fd00::3', 4, 'fd00::1', 1] });
  });

  test('of ICMP has the identifier in the place of ports, and the number of the entry at its end', () => {
    expect(
      read(
        'icmp     1 29 src=10.0.0.1 dst=8.8.8.8 type=8 code=0 id=77 src=8.8.8.8 dst=10.0.2.15 type=0 code=0 id=99 mark=0 use=1 id=5',
      ),
    ).toMatchObject({
      protocol: 1,
      original: ['10.0.0.1', 77, '8.8.8.8', 77],
      reply: ['8.8.8.8', 99, '10.0.2.15', 99],
      id: 5,
    });
  });

  test('of a protocol without ports', () => {
    expect(read('unknown  4 599 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 mark=0')).toMatchObject(
      {
        protocol: 4,
        original: ['10.0.0.1', 0, '10.0.0.2', 0],
      },
    );
  });

  test.each([
    ['nothing', ''],
    ['a sentence', 'the quick brown fox 17 jumps'],
    ['no reply', 'udp 17 25 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2'],
    ['half a reply', 'udp 17 25 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2'],
    ['no address', `udp 17 25 ${DNAT.replace('10.96.0.10', '10.96.0.256')}`],
    ['a name for an address', `udp 17 25 ${DNAT.replace('10.96.0.10', 'kube-dns')}`],
    ['a port beyond 65535', `udp 17 25 ${DNAT.replace('=40000', '=70000')}`],
    ['no protocol', DNAT],
  ])('is none with %s', (_what, text) => {
    expect(read(text)).toBeNull();
  });

  test('is never worse than none, whatever it holds', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'src=',
        'dst=1.2.3.4',
        'src=1.2.3.4',
        'sport=1',
        'dport=9',
        '[NEW]',
        '[',
        '[1.5]',
        'udp',
        '17',
        'id=3',
        '=',
        'id=',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const told = read(words.join(' '));
        if (told === null) return;
        for (const [source, sourcePort, destination, destinationPort] of [told.original, told.reply]) {
          expect(canonicalAddress(source)).toBe(source);
          expect(canonicalAddress(destination)).toBe(destination);
          expect(sourcePort).toBeGreaterThanOrEqual(0);
          expect(destinationPort).toBeLessThanOrEqual(0xffff);
        }
      }),
    );
  });

  test('written from random ends is read as them', () => {
    const end = fc.tuple(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(formatIpv4),
      fc.integer({ min: 0, max: 0xffff }),
    );
    fc.assert(
      fc.property(end, end, end, end, (a, b, c, d) => {
        const text = `tcp 6 9 CLOSE src=${a[0]} dst=${b[0]} sport=${a[1]} dport=${b[1]} src=${c[0]} dst=${d[0]} sport=${c[1]} dport=${d[1]}`;
        expect(read(text)).toMatchObject({ original: [...a, ...b], reply: [...c, ...d] });
      }),
    );
  });
});

function tableOf(...lines: readonly string[]): { table: TranslationTable; find: (...ends: Ends) => number[] } {
  const reader = new ConntrackReader();
  reader.write(lines.map((line) => `${line}\n`).join(''));
  const table = new TranslationTable();
  table.absorb(reader.end().file.translations, 'node-1', null);
  const end = (address: string, port: number): TranslatedEnd => {
    for (let id = 0; id < table.addresses.size; id++)
      if (table.addresses.text(id) === address) return { address: id, port };
    return { address: -1, port };
  };
  const find = (client: string, clientPort: number, server: string, serverPort: number): number[] =>
    table.find(6, end(client, clientPort), end(server, serverPort));
  return { table, find };
}

type Ends = [string, number, string, number];

const MASQUERADED = 'src=10.0.2.15 dst=10.96.0.1 sport=40 dport=80 src=10.244.1.9 dst=10.244.1.1 sport=8080 dport=999';

describe('a table', () => {
  test('keeps only what is translated', () => {
    const { table } = tableOf(
      'tcp 6 9 CLOSE src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1',
      `tcp 6 9 CLOSE ${MASQUERADED}`,
    );
    expect(table.length).toBe(1);
  });

  test('finds an entry by the ends before, between and after its translations', () => {
    const { find } = tableOf(`tcp 6 9 CLOSE ${MASQUERADED}`);
    expect(find('10.0.2.15', 40, '10.96.0.1', 80)).toEqual([0]);
    expect(find('10.0.2.15', 40, '10.244.1.9', 8080)).toEqual([0]);
    expect(find('10.244.1.1', 999, '10.244.1.9', 8080)).toEqual([0]);
    expect(find('10.244.1.1', 999, '10.96.0.1', 80)).toEqual([]);
    expect(find('10.96.0.1', 80, '10.0.2.15', 40)).toEqual([]);
  });

  test('makes one entry of the events of one, with its times', () => {
    const { table } = tableOf(
      `[100.5] [NEW] tcp 6 120 SYN_SENT ${MASQUERADED} id=1`,
      `[101.5] [UPDATE] tcp 6 60 ESTABLISHED ${MASQUERADED} id=1`,
      `[160.5] [DESTROY] tcp 6 ${MASQUERADED} id=1`,
    );
    expect(table.length).toBe(1);
    expect([table.from(0), table.until(0), table.node(0)]).toEqual([100.5, 160.5, 'node-1']);
  });

  test('ends an entry whose tuple begins anew', () => {
    const elsewhere = MASQUERADED.replace('src=10.244.1.9', 'src=10.244.3.3');
    const { table } = tableOf(`[100] [NEW] tcp 6 9 ${MASQUERADED} id=1`, `[200] [NEW] tcp 6 9 ${elsewhere} id=2`);
    expect([0, 1].map((entry) => [table.from(entry), table.until(entry)])).toEqual([
      [100, 200],
      [200, Infinity],
    ]);
  });

  test('does not repeat in a listing what the log of events knows', () => {
    const table = new TranslationTable();
    for (const text of [`[100] [NEW] tcp 6 9 ${MASQUERADED} id=1`, `tcp 6 9 CLOSE ${MASQUERADED} id=1`]) {
      const reader = new ConntrackReader();
      reader.write(text);
      table.absorb(reader.end().file.translations, 'node-1', null);
    }
    expect([table.length, table.from(0)]).toEqual([1, 100]);
  });

  test('dates an entry by its age, where it is known when it was listed', () => {
    const reader = new ConntrackReader();
    reader.write(`tcp 6 9 CLOSE ${MASQUERADED} delta-time=7`);
    const { file } = reader.end();
    const froms = [1000, null].map((listedAt) => {
      const table = new TranslationTable();
      table.absorb(file.translations, null, listedAt);
      return table.from(0);
    });
    expect(froms).toEqual([992, -Infinity]);
  });

  test('is the same however the text is cut', () => {
    const text = `${[1, 2, 3, 4].map((n) => `tcp 6 9 CLOSE ${MASQUERADED.replace('40', String(n))}`).join('\n')}\nrubbish\n`;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
        const reader = new ConntrackReader();
        let from = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), text.length]) {
          reader.write(text.slice(from, cut));
          from = cut;
        }
        const { file, problems } = reader.end();
        expect([file.translations.length, file.lines, problems.length, problems[0]?.line]).toEqual([4, 4, 1, 5]);
      }),
    );
  });

  test('holds tens of thousands of entries, while one tuple coming again and again costs nothing', () => {
    const reader = new ConntrackReader();
    for (let n = 0; n < 30_000; n++) {
      const source = formatIpv4(0x0a000000 + (n >> 4));
      reader.write(
        `tcp 6 9 CLOSE src=${source} dst=10.96.0.1 sport=${n & 15} dport=80 src=10.244.1.9 dst=${source} sport=8080 dport=${n & 15}\n`,
      );
    }
    for (let n = 0; n < 10_000; n++)
      reader.write(`[${n}] [NEW] tcp 6 9 ${MASQUERADED} id=${n}\n[${n}.5] [DESTROY] tcp 6 ${MASQUERADED} id=${n}\n`);
    expect(reader.end().file.translations.length).toBe(40_000);
  });

  test('is not filled by a line without end', () => {
    const reader = new ConntrackReader();
    for (let n = 0; n < 1000; n++) reader.write('x'.repeat(100_000));
    reader.write(`\ntcp 6 9 CLOSE ${MASQUERADED}\n`);
    const { file, problems } = reader.end();
    expect(file.translations.length).toBe(1);
    expect(problems).toEqual([{ line: 1, message: expect.stringContaining('1 of 2 lines') }]);
  });
});

describe('recognition', () => {
  test('is by the lines, not by the first one', () => {
    expect(
      looksLikeConntrack(
        `conntrack v1.4.7 (conntrack-tools): 1 flow entries have been shown.\nudp 17 9 ${DNAT}\n`,
        false,
      ),
    ).toBe(true);
    expect(looksLikeConntrack(`# saved by hand\nudp      17 9 ${DNAT}\nudp 17 9 src=10.24`, true)).toBe(true);
    expect(looksLikeConntrack('a note on src=1.2.3.4\n', false)).toBe(false);
    expect(looksLikeConntrack('', false)).toBe(false);
  });

  test('damage costs a warning with file and line, and the rest counts', async () => {
    const { inventory, events } = await load({
      'cluster.json': list(node('node-1', '192.168.56.11'), pod('web', { ip: '10.244.1.7' })),
      'node-1/table.txt': `udp 17 9 ${DNAT}\nudp 17 9 src=10.244.1.7 dst=10.9\n\u0007\u0001 garbage\nudp 17 9 ${DNAT.replace('40000', '41000')}\n`,
    });
    expect(inventory.translations.length).toBe(2);
    expect(inventory.translations.node(0)).toBe('node-1');
    expect(events).toEqual([
      {
        type: 'warning',
        message: expect.stringMatching(/table\.txt:2: 2 of 4 lines are not what conntrack prints/),
        hint: null,
      },
    ]);
  });
});
