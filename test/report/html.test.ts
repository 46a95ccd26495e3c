import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ReportDocument } from '../../src/model/document.js';
import { displayText } from '../../src/report/text.js';
import { buildConnection, buildCounters, buildHop, rowsOf, tableOf } from './documents/build.js';
import { hostileDocument } from './documents/hostile.js';
import { emptyDocument, minimalDocument } from './documents/plain.js';
import { randomPairsDocument } from './documents/pairs.js';
import { richDocument } from './documents/shop.js';
import { documentOf } from './documents/totals.js';
import { all, one, parseHtml, type TestElement } from './dom.js';
import { write } from './write.js';

const DOCUMENTS: readonly [string, () => ReportDocument][] = [
  ['empty', emptyDocument],
  ['minimal', minimalDocument],
  ['rich', () => richDocument({ connections: 120 })],
  ['IPv6', () => richDocument({ connections: 50, ipv6: true })],
  ['hostile', () => hostileDocument()],
];

async function page(document: ReportDocument): Promise<TestElement> {
  return parseHtml(await write('html', document));
}

describe.each(DOCUMENTS)('the page of the %s document', (_name, build) => {
  let html = '';
  let root: TestElement;
  beforeAll(async () => {
    html = await write('html', build());
    root = parseHtml(html);
  });

  test('asks for nothing from anywhere', () => {
    for (const element of all(root, '*')) {
      for (const { name, value } of element.attributes) {
        if (name === 'href') expect(value).toMatch(/^#/);
        expect(['src', 'srcset', 'action', 'formaction', 'poster', 'data', 'background', 'ping']).not.toContain(name);
        expect(name).not.toMatch(/^on/);
        if (name === 'style') expect(value).toMatch(/^(left:[\d.]+%;width:[\d.]+%|--(?:kept|width):\d+)$/);
      }
    }
    expect(all(root, 'link, iframe, object, embed, base, form, img, audio, video, foreignObject, use, image')).toEqual(
      [],
    );
    const styles = all(root, 'style');
    expect(styles).toHaveLength(1);
    expect(styles[0]?.textContent).not.toMatch(/url\(|@import|https?:/);
  });

  test('allows its one script by hash and no request', () => {
    const policy = one(root, 'meta[http-equiv="Content-Security-Policy"]').getAttribute('content') ?? '';
    const scripts = all(root, 'script').filter((script) => script.getAttribute('type') !== 'application/json');
    expect(scripts).toHaveLength(1);
    const hash = createHash('sha256')
      .update(scripts[0]?.textContent ?? '', 'utf8')
      .digest('base64');
    const directives = new Map(
      policy
        .split(';')
        .map((text) => text.trim().split(' '))
        .map(([name, ...values]) => [name, values]),
    );
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual([`'sha256-${hash}'`]);
    expect(directives.get('connect-src')).toBeUndefined();
    expect(directives.get('img-src')).toEqual(['data:']);
  });

  test('is the same in two runs', async () => {
    expect(await write('html', build())).toBe(html);
  });

  test('has an outline without gaps, ids that are unique, and links that lead somewhere', () => {
    const levels = all(root, 'h1, h2, h3, h4, h5, h6').map((heading) => Number(heading.tagName[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, index) => expect(level - (levels[index - 1] ?? 0)).toBeLessThanOrEqual(1));
    const ids = all(root, '[id]').map((element) => element.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of all(root, '[href]')) expect(ids).toContain(link.getAttribute('href')?.slice(1));
    const listed = all(root, '.contents a').map((link) => link.getAttribute('href'));
    expect(listed).toEqual(all(root, 'main > section').map((section) => `#${section.id}`));
  });

  test('shows no character that is invisible or moves others', () => {
    expect(one(root, 'body').textContent.replaceAll('\n', ' ')).not.toMatch(
      /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u,
    );
    for (const element of all(root, '*')) {
      for (const { value } of element.attributes) expect(value).not.toMatch(/[\0\u2028\u202a-\u202e\u2066-\u2069]/);
    }
  });
});

test('what has nothing to say is left out', async () => {
  const ids = async (document: ReportDocument): Promise<string[]> =>
    all(await page(document), 'main > section').map(({ id }) => id);
  expect(await ids(emptyDocument())).toEqual(['summary', 'coverage', 'inputs']);
  expect(await ids(minimalDocument())).toEqual([
    'summary',
    'map',
    'timeline',
    'coverage',
    'connections',
    'endpoints',
    'inputs',
  ]);
  expect(await ids(richDocument({ connections: 30 }))).toEqual([
    'summary',
    'map',
    'timeline',
    'coverage',
    'segments',
    'clocks',
    'policies',
    'connections',
    'endpoints',
    'tunnels',
    'wireguard',
    'undecoded',
    'inputs',
  ]);
});

describe('hostile text', () => {
  /** Elements with their attribute names, sorted (texts decide the order of equals); figures on the map depend on lengths. */
  const markup = (root: TestElement): string[] =>
    all(root, '*')
      .filter((element) => element.getAttribute('class')?.startsWith('figure') !== true)
      .map((element) => `${element.tagName} ${[...element.attributes].map(({ name }) => name).join(' ')}`)
      .sort();

  const awkward = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          '<',
          '>',
          '"',
          "'",
          '&',
          '`',
          '=',
          '/',
          '{{',
          '}}',
          '{{{',
          '<!--',
          '-->',
          ']]>',
          '</script',
          '<svg',
          'onload=',
          '\0',
          '\\',
          '\n',
          '\u2028',
          '\ud800',
        ),
        { minLength: 1, maxLength: 8 },
      )
      .map((parts) => parts.join('')),
  );

  test('changes no element and no attribute, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(awkward, { minLength: 7, maxLength: 9, selector: displayText }),
        async (strings) => {
          const benign = strings.map((_, index) => `benign-${index}`);
          expect(markup(await page(hostileDocument(strings)))).toEqual(markup(await page(hostileDocument(benign))));
        },
      ),
      { numRuns: 12 },
    );
  });

  test('reads in the page as it was, but for what cannot be shown', async () => {
    const hostile = hostileDocument();
    const root = await page(hostile);
    const names = all(root, 'tr.row .client .name').map((name) => name.getAttribute('title'));
    const expected = rowsOf(hostile).map(({ client }) => displayText(`${client.owner.namespace}/${client.owner.name}`));
    expect(names).toEqual(expected);
    const limitations = all(root, '.limits li p').map((paragraph) => paragraph.textContent);
    hostile.summary.limitations.forEach(({ text }, index) => expect(limitations[index]).toContain(displayText(text)));
  });

  test('the data block parses to what it was made from', async () => {
    const root = await page(hostileDocument());
    const data = JSON.parse(one(root, '#data').textContent) as { owners: [number, number, string, ...unknown[]][] };
    expect(data.owners.map(([, , name]) => name)).toContain(displayText('</script><script>alert(1)//'));
  });
});

describe('without JavaScript', () => {
  test('the first 150 connections are there with their hops, counters and filters', async () => {
    const document = richDocument({ connections: 260 });
    const root = await page(document);
    const rows = all(root, 'tr.row');
    const connections = rowsOf(document).slice(0, 150);
    expect(rows.map((row) => row.id)).toEqual(connections.map(({ id }) => id));
    const details = all(root, 'tr.more');
    connections.forEach((connection, index) => {
      const text = details[index]?.textContent ?? '';
      expect(text).toContain(connection.client.address);
      expect(text).toContain(connection.server.owner.name);
      expect(text).toContain(connection.server.owner.uid);
      for (const hop of connection.hops) {
        expect(text).toContain(document.summary.vantagePoints.find((point) => point.id === hop.vantagePoint)?.name);
      }
      expect(text).toContain(`host ${connection.server.address}`);
    });
    expect(one(root, '.beyond').textContent).toContain('110 more connections');
  });

  test('an owner that is not plain is marked and says why', async () => {
    const document = richDocument({ connections: 120 });
    const assumed = rowsOf(document).find((row) => row.server.owner.confidence === 'assumed');
    const row = one(await page(document), `#${assumed?.id}`);
    expect(one(row, '.server .why').getAttribute('aria-label')).toBe(`assumed: ${assumed?.server.owner.reason}`);
  });
});

/** The data block without parsing the page, which takes long at this size. */
function dataOf(html: string): string {
  return /<script type="application\/json" id="data">(.*)<\/script>/.exec(html)?.[1] ?? '';
}

describe('size', () => {
  test('10,000 connections of random pods at four vantage points each fit into 2 MB', async () => {
    const html = await write('html', randomPairsDocument(10_000));
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(2_000_000);
    expect(JSON.parse(dataOf(html))).toMatchObject({ length: 10_000 });
  });

  test('where names are long, as many connections as fit into 2 MB are in the page, which says so', async () => {
    const { summary, connections } = richDocument({ connections: 4000, minutes: 30 });
    const rows = Array.from({ length: connections.length }, (_, index) => {
      const row = connections.row(index);
      const name = `${'x'.repeat(700)}-${index}`;
      return { ...row, client: { ...row.client, owner: { ...row.client.owner, name } } };
    });
    const html = await write('html', { summary, connections: tableOf(rows) });
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(2_000_000);
    const { length } = JSON.parse(dataOf(html)) as { length: number };
    expect(length).toBeGreaterThan(1000);
    expect(html).toContain(`Of 4,000 connections the page holds ${length.toLocaleString('en-US')}`);
    const failed = rows.filter((row) => row.protocol === 'TCP' && ['S0', 'REJ'].includes(row.state));
    const ids = Buffer.from((JSON.parse(dataOf(html)) as { ids: string }).ids, 'base64').toString('hex');
    const kept = new Set(ids.match(/.{8}/g));
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.filter((row) => !kept.has(row.id.slice(2)))).toEqual([]);
  });

  test('there are at most 240 kB of page around the connections', async () => {
    const html = await write('html', richDocument({ connections: 10_000, minutes: 30 }));
    const data = dataOf(html);
    const rows = html.slice(html.indexOf('<tr class="row"'), html.lastIndexOf('</table>\n<p class="none"'));
    expect(Buffer.byteLength(html) - Buffer.byteLength(data) - Buffer.byteLength(rows)).toBeLessThanOrEqual(240_000);
  });

  test('beyond 10,000 the failed connections stay, then the largest, and the page says so', async () => {
    const rows = Array.from({ length: 10_050 }, (_, index) => {
      const failed = index % 1000 === 0;
      const counters = failed ? buildCounters(1, 0) : buildCounters(2, 1000 + index);
      const hop = buildHop({
        clientToServer: counters,
        state: failed ? 'S0' : 'SF',
        history: failed ? 'S' : 'ShADadFf',
      });
      return buildConnection({
        id: `c-${(0x10000000 + index).toString(16)}`,
        clientToServer: counters,
        state: hop.state,
        hops: [hop],
      });
    });
    const document: ReportDocument = { summary: documentOf(rows.slice(0, 1)).summary, connections: tableOf(rows) };
    const html = await write('html', document);
    const { ids, idDigits } = JSON.parse(dataOf(html)) as { ids: string; idDigits: number };
    expect(idDigits).toBe(8);
    const kept = new Set(Buffer.from(ids, 'base64').toString('hex').match(/.{8}/g));
    expect(kept.size).toBe(10_000);
    rows.forEach((row, index) => {
      if (index % 1000 === 0) expect(kept.has(row.id.slice(2))).toBe(true);
    });
    expect(kept.has(rows[1]?.id.slice(2) ?? '')).toBe(false);
    expect(kept.has(rows.at(-1)?.id.slice(2) ?? '')).toBe(true);
    expect(html).toContain('Of 10,050 connections the page holds 10,000');
  });
});

test('times are in the zone asked for', async () => {
  const root = parseHtml(await write('html', richDocument({ connections: 10 }), { timeZone: 'Europe/Berlin' }));
  const [first] = all(root, 'tr.row .start a');
  expect(first?.textContent).toMatch(/^15:02:/);
  expect(one(root, '.facts').textContent).toContain('Europe/Berlin');
});

test('a time zone that does not exist is the user’s mistake', async () => {
  await expect(write('html', minimalDocument(), { timeZone: 'Mars/Olympus' })).rejects.toMatchObject({ code: 'usage' });
});
