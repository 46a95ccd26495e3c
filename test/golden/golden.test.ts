/**
 * Whole reports of the samples, held against files that a person has read. `npm run golden:update` rewrites them; read the
 * difference before committing it.
 *
 * Per sample: the summary (JSON, one member a line), the flows (CSV, with every fact of a connection and its hops), the terminal's
 * text, and the page without what stands in templates/ as it is. The same documents are validated against the published schema.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { summaryText } from '../../src/cli/summary.js';
import type { ReportDocument } from '../../src/model/document.js';
import { run, sample } from '../analysis/pipeline.js';
import { problemsOf } from '../report/schema.js';
import { write } from '../report/write.js';
import { repositoryRoot } from '../tools/shared.js';

const UPDATE = process.env['PODTRAIL_UPDATE_GOLDEN'] === '1';
const SAMPLES = ['pod-to-pod', 'pod-churn', 'wireguard', 'policies'];

async function analyzeSample(name: string): Promise<ReportDocument> {
  const folder = sample(name, 'captures');
  const captures = readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
  const { document, failures } = await run({ captures, inventory: [sample(name, 'inventory')] });
  expect(failures).toEqual([]);
  return document;
}

/** Paths as seen from the repository, so that the goldens are the same everywhere. */
function neutral(text: string): string {
  return text.replaceAll(JSON.stringify(`${repositoryRoot}/`).slice(1, -1), '').replaceAll(`${repositoryRoot}/`, '');
}

/** JSON indented, with arrays of numbers on one line. */
function readable(value: unknown): string {
  return `${JSON.stringify(value, null, 1).replace(/\[[\s\d,.e+-]+\]/g, (list) => list.replace(/\s+/g, ''))}\n`;
}

/** Elements of a page that begin a line in its golden. */
const LINES = /<(?=(?:section|table|tr|td|dt|p|li|details|g|path|rect|text|a class="node)[ >])/g;

/** The page without its style and script, one element a line, its data readable. */
function readablePage(html: string): string {
  const data = /(<script type="application\/json" id="data">)(.*)(?=<\/script>)/;
  return html
    .replace(/(?<=<style>)[\s\S]*?(?=<\/style>)/, '')
    .replace(/(?<=<script type="module">)[\s\S]*?(?=<\/script>)/, '')
    .replace(/'sha256-[^']*'/, "'sha256-'")
    .replace(LINES, '\n<')
    .replace(data, (_, tag: string, json: string) => `${tag}\n${readable(JSON.parse(json))}`)
    .replace(/\n{2,}/g, '\n');
}

function expectGolden(file: string, text: string): void {
  const path = join(repositoryRoot, 'test/golden', file);
  if (UPDATE) writeFileSync(path, text);
  else if (!existsSync(path)) throw new Error(`${file} is missing: npm run golden:update`);
  expect(text).toBe(readFileSync(path, 'utf8'));
}

describe.each(SAMPLES)('%s', (name) => {
  test('report', async () => {
    const document = await analyzeSample(name);
    const json = await write('json', document);
    expect(problemsOf(JSON.parse(json))).toEqual([]);
    expectGolden(`${name}.summary.json`, neutral(readable(document.summary)));
    expectGolden(`${name}.flows.csv`, neutral(await write('csv', document, { per: 'flow' })));
    expectGolden(`${name}.html`, neutral(readablePage(await write('html', document))));
    expectGolden(`${name}.txt`, neutral(summaryText(document, { columns: 100, color: false, timeZone: 'UTC', rows: null })));
  });

  test('gives the same bytes again', async () => {
    const first = await write('json', await analyzeSample(name));
    const second = await write('json', await analyzeSample(name));
    expect(second).toBe(first);
  });
});
