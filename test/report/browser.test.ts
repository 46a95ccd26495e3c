/** The page in Chromium: no error, no request, accessible, and alive with 10,000 connections. Skipped by name without Chromium. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { ReportDocument } from '../../src/model/document.js';
import { rowsOf } from './documents/build.js';
import { hostileDocument } from './documents/hostile.js';
import { richDocument } from './documents/shop.js';
import { write } from './write.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const inBrowser = CHROMIUM === undefined ? describe.skip : describe;

const VIEWS = [
  { width: 1400, colorScheme: 'light' },
  { width: 1400, colorScheme: 'dark' },
  { width: 420, colorScheme: 'light' },
  { width: 420, colorScheme: 'dark' },
] as const;

const rich = richDocument({ connections: 260 });
const large = richDocument({ connections: 10_000, minutes: 30 });

/** What the tests use of the browser's window. */
interface PageGlobals {
  getSelection(): { selectAllChildren(element: unknown): void; toString(): string };
}

/** What axe says of a rule that is broken. */
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly where: readonly string[];
}

interface Opened {
  readonly page: Page;
  /** Messages on the console, uncaught errors and requests for anything but the page itself. */
  readonly complaints: string[];
}

inBrowser('the page in Chromium', () => {
  let browser: Browser;
  let folder = '';
  const pages = new Map<ReportDocument, string>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'podtrail-page-'));
    for (const document of [rich, large, hostileDocument()]) {
      const path = join(folder, `${pages.size}.html`);
      writeFileSync(path, await write('html', document));
      pages.set(document, pathToFileURL(path).href);
    }
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  async function open(
    address: string | undefined,
    options: { width?: number; colorScheme?: 'light' | 'dark'; javaScriptEnabled?: boolean } = {},
  ): Promise<Opened> {
    const { width = 1400, colorScheme = 'light', javaScriptEnabled = true } = options;
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (request.url().split('#')[0] !== address?.split('#')[0]) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(address ?? '');
    return { page, complaints };
  }

  const shownIds = (page: Page): Promise<string[]> =>
    page.locator('tr.row').evaluateAll((rows) => rows.map((row) => (row as { id: string }).id));

  /** The rows of the table without what opening them adds. */
  const markupOf = (page: Page): Promise<string[]> =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll('table.connections > tbody > tr')].map((row) =>
        row.outerHTML.replace(/ class="row [^"]*"/, ' class="row"').replace(/ aria-expanded="\\w+"/, ''))`,
    );

  describe.each(VIEWS)('$width px, $colorScheme', (view) => {
    let opened: Opened;
    beforeAll(async () => {
      opened = await open(pages.get(rich), view);
      for (const summary of await opened.page.locator('summary').all()) await summary.click();
      await opened.page.locator('tr.row .start a').first().click();
    });
    afterAll(() => opened.page.close());

    test('complains about nothing and asks for nothing', () => {
      expect(opened.complaints).toEqual([]);
    });

    test('does not scroll sideways', async () => {
      expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(view.width);
    });

    test('axe finds nothing serious', async () => {
      const { page } = await open(pages.get(rich), view);
      for (const summary of await page.locator('summary').all()) await summary.click();
      await page.locator('tr.row .start a').first().click();
      // The page's policy forbids foreign scripts; the debugger's way in is not bound by it.
      await page.evaluate(axe.source);
      const violations = await page.evaluate<Violation[]>(
        'axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.slice(0, 3).map((node) => node.html.slice(0, 200)) })))',
      );
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
      await page.close();
    });
  });

  test('hostile text runs nowhere', async () => {
    const address = [...pages.values()][2];
    const { page, complaints } = await open(address);
    await page
      .locator('.load .some')
      .click({ timeout: 500 })
      .catch(() => undefined);
    await page.locator('#filter-text').fill('<script>');
    await page.waitForTimeout(300);
    expect(complaints).toEqual([]);
    expect(await page.evaluate('document.querySelectorAll("tr.row script, tr.row img, tr.row svg").length')).toBe(0);
    await page.close();
  });

  test('what the script renders is what the server rendered', async () => {
    const without = await open(pages.get(rich), { javaScriptEnabled: false });
    const served = await markupOf(without.page);
    await without.page.close();
    const { page } = await open(pages.get(rich));
    await page.locator('.load .some').click();
    // On a busy machine the rows come after the click is done.
    await page.locator('tr.row').nth(149).waitFor({ state: 'attached' });
    const opened = 10;
    await page.evaluate(
      `[...document.querySelectorAll('tr.row .start a')].slice(0, ${opened}).forEach((link) => link.click())`,
    );
    const rendered = await markupOf(page);
    expect(rendered.slice(0, 2 * opened)).toEqual(served.slice(0, 2 * opened));
    const unopened = served.slice(2 * opened).filter((row) => row.startsWith('<tr class="row"'));
    expect(rendered.slice(2 * opened, 2 * opened + unopened.length)).toEqual(unopened);
    await page.close();
  });

  test('without JavaScript 150 rows are there, and a link opens one', async () => {
    const id = rowsOf(rich)[120]?.id ?? '';
    const { page } = await open(`${pages.get(rich)}#${id}`, { javaScriptEnabled: false });
    expect(await page.locator('tr.row').count()).toBe(150);
    expect(await page.locator('tr.more:visible').count()).toBe(1);
    expect(await page.locator(`#${id} + tr.more`).isVisible()).toBe(true);
    expect(await page.locator('.controls').isVisible()).toBe(false);
    await page.close();
  });

  test('sorts, filters, opens and clears, by keyboard too', async () => {
    const { page, complaints } = await open(pages.get(rich));
    await page.locator('th.received button').click();
    const byBytes = [...rowsOf(rich)].sort((a, b) => b.serverToClient.wireBytes - a.serverToClient.wireBytes);
    expect((await shownIds(page)).slice(0, 5)).toEqual(byBytes.slice(0, 5).map((row) => row.id));
    expect(await page.locator('th.received').getAttribute('aria-sort')).toBe('descending');

    await page.locator('#filter-state').selectOption('failed');
    const failed = rowsOf(rich).filter((row) => row.protocol === 'TCP' && ['S0', 'REJ'].includes(row.state));
    expect((await shownIds(page)).sort()).toEqual(failed.map((row) => row.id).sort());
    expect(await page.locator('[role=status]').textContent()).toBe(`${failed.length} of 260 connections`);

    await page.locator('.clear').click();
    expect(await page.locator('[role=status]').textContent()).toBe('260 connections');
    await page.locator('#filter-text').fill('coredns udp');
    await page.locator('[role=status]', { hasText: ' of ' }).waitFor();
    for (const row of await page.locator('tr.row').all()) expect(await row.textContent()).toMatch(/coredns/);

    await page.locator('tr.row .start a').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('tr.more:visible').count()).toBe(1);
    expect(await page.locator('tr.row .start a').first().getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Enter');
    expect(await page.locator('tr.more:visible').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a figure of the summary filters the table', async () => {
    const { page } = await open(pages.get(rich));
    await page.locator('.figures .bad a').click();
    expect(await page.locator('#filter-state').inputValue()).toBe('failed');
    await page.close();
  });

  test('the name that is copied is the whole name', async () => {
    const { page } = await open(pages.get(rich), { width: 420 });
    const row = rowsOf(rich).find((one) => one.server.owner.namespace === 'ingress-nginx');
    const name = page.locator(`#${row?.id} .server .name`);
    const selected = await name.evaluate((element) => {
      const selection = (globalThis as unknown as PageGlobals).getSelection();
      selection.selectAllChildren(element);
      return selection.toString();
    });
    expect(selected).toBe(`ingress-nginx/${row?.server.owner.name}:443`);
    await page.close();
  });

  test('10,000 connections: a link leads to any of them, all can be shown, filtering answers', async () => {
    const target = rowsOf(large)[7_321];
    const { page, complaints } = await open(`${pages.get(large)}#${target?.id}`);
    expect(await page.locator(`#${target?.id} + tr.more`).isVisible()).toBe(true);
    await page.locator('#filter-text').fill(':5432 no answer');
    const expected = rowsOf(large).filter((row) => row.server.port === 5432 && row.state === 'S0').length;
    await page.locator('[role=status]', { hasText: `${expected} of 10,000 connections` }).waitFor();
    await page.locator('.clear').click();
    await page.locator('.load .all').click();
    await page.locator('tr.row').nth(9_999).waitFor({ state: 'attached', timeout: 60_000 });
    expect(complaints).toEqual([]);
    await page.close();
  });
});
