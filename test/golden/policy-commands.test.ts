/**
 * What `podtrail policy` prints of the sample with policies, whole, held against files that a person has read. `npm run golden:update`
 * rewrites them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Bench } from '../cli/harness.js';
import { repositoryRoot } from '../tools/shared.js';

const UPDATE = process.env['PODTRAIL_UPDATE_GOLDEN'] === '1';
const SAMPLE = join(repositoryRoot, 'samples/policies');
const INPUTS = [join(SAMPLE, 'captures'), '-i', join(SAMPLE, 'inventory'), '--quiet'];

const bench = new Bench();
afterAll(() => bench.remove());

test.each([
  ['explain', [], 'explain.txt'],
  ['suggest', ['-n', 'shop'], 'suggest.yaml'],
  ['check', ['--policies', join(SAMPLE, 'proposed')], 'check.txt'],
  ['check', ['--policies', join(SAMPLE, 'proposed'), '--format', 'junit'], 'check.junit.xml'],
  ['check', ['--policies', join(SAMPLE, 'proposed'), '--format', 'sarif'], 'check.sarif.json'],
])('%s %j', async (action, words, file) => {
  const { stdout } = await bench.run(['policy', action, ...INPUTS, ...words]);
  const text = stdout.replaceAll(`${repositoryRoot}/`, '');
  const path = join(repositoryRoot, 'test/golden', `policies.${file}`);
  if (UPDATE) writeFileSync(path, text);
  else if (!existsSync(path)) throw new Error(`${path} is missing: npm run golden:update`);
  expect(text).toBe(readFileSync(path, 'utf8'));
});
