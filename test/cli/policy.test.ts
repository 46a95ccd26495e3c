/**
 * `podtrail policy`, whole commands on samples/policies. What is to be found there is written down from the lab's own record of it
 * (samples/README.md): which connections succeeded, which were dropped, and by which policy.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { POLICY_ACTIONS, POLICY_OPTIONS } from '../../src/cli/policy-options.js';
import { readPolicyTexts } from '../../src/policy/read/read-policies.js';
import { parseXml } from '../report/dom.js';
import { repositoryRoot } from '../tools/shared.js';
import { Bench, type Outcome } from './harness.js';

const SAMPLE = join(repositoryRoot, 'samples/policies');
const CAPTURES = join(SAMPLE, 'captures');
const INPUTS = [CAPTURES, '-i', join(SAMPLE, 'inventory')];
const PROPOSED = join(SAMPLE, 'proposed');

const bench = new Bench();
afterAll(() => bench.remove());

async function policy(...words: string[]): Promise<Outcome> {
  return bench.run(['policy', ...words]);
}

describe('usage', () => {
  test.each([
    [['policy', 'foo'], 'policy foo: there is no such action', 'check, suggest, explain'],
    [['policy', 'check', CAPTURES, '--policies', PROPOSED], 'no inventory is given', 'policy check --help'],
    [['policy', 'check', '-i', SAMPLE, '--policies', PROPOSED], 'no capture is given', 'policy check --help'],
    [['policy', 'check', ...INPUTS], 'no proposed policies are given', '--policies'],
    [['policy', 'check', ...INPUTS, '--formt', 'json'], 'unknown option --formt', 'Did you mean --format?'],
    [['policy', 'check', ...INPUTS, '--format', 'html'], '--format cannot be html', 'podtrail --help'],
    [['policy', 'check', ...INPUTS, '--policies', '-'], 'policies cannot be read from standard input', 'Save it'],
    [['policy', 'suggest', ...INPUTS, '--external-prefix', '33'], '--external-prefix 33', '--help'],
    [['policy', 'explain', ...INPUTS, '--from', 'shop/frontend'], 'take no captures', '--help'],
    [['policy', 'explain', '-i', SAMPLE], 'neither captures nor --from', '--help'],
    [['policy', 'explain', '-i', SAMPLE, '--from', 'a/b', '--to', 'c/d'], '--port is missing', '--help'],
    [['policy', 'explain', '-i', SAMPLE, '--from', 'a/b', '--to', 'c/d', '--port', '0'], '--port 0: write', '--help'],
  ])('%j', async (words, message, hint) => {
    const { exitCode, stdout, stderr } = await bench.run(words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  test('help of every action names each of its options and shows examples', async () => {
    expect((await policy()).stdout).toContain('podtrail policy ACTION --help');
    for (const action of POLICY_ACTIONS) {
      const { exitCode, stdout } = await policy(action, '--help');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('Examples:');
      expect(stdout).toContain('Exit codes:');
      for (const { name } of POLICY_OPTIONS[action].flatMap(({ options }) => options)) {
        expect(stdout).toMatch(new RegExp(`^ {2}(-., | {4})--${name}( |$)`, 'm'));
      }
    }
  });

  test('completion knows the actions, their options and choices', async () => {
    const complete = async (...words: string[]): Promise<string[]> =>
      (await bench.run(['--get-yargs-completions', 'podtrail', ...words])).stdout.split('\n').slice(0, -1);
    expect(await complete('policy', '')).toEqual(['check', 'suggest', 'explain']);
    expect(await complete('policy', 'check', '--')).toContain('--replace');
    expect(await complete('policy', 'check', '--format', '')).toEqual(['text', 'json', 'junit', 'sarif']);
    expect(await complete('policy', 'explain', '--verdict', '')).toContain('denied');
  });
});

describe('check', () => {
  interface CheckJson {
    readonly unchangedConnections: number;
    readonly changes: readonly {
      readonly change: string;
      readonly client: string;
      readonly server: string;
      readonly port: number | null;
      readonly connections: number;
      readonly place: { readonly file: string; readonly line: number } | null;
    }[];
  }

  async function checkJson(...words: string[]): Promise<CheckJson & { exitCode: number }> {
    const { stdout, exitCode } = await policy('check', ...INPUTS, ...words, '--format', 'json');
    return { ...(JSON.parse(stdout) as CheckJson), exitCode };
  }

  const counted = ({ changes }: CheckJson, kind: string): number =>
    changes.filter(({ change }) => change === kind).reduce((sum, { connections }) => sum + connections, 0);

  test('the proposal breaks the four connections of the frontend and opens three of the backend', async () => {
    const result = await checkJson('--policies', PROPOSED);
    expect(result.exitCode).toBe(1);
    expect([counted(result, 'broken'), counted(result, 'opened')]).toEqual([4, 3]);
    for (const { change, client, server, place } of result.changes) {
      if (change === 'broken')
        expect([client, server]).toEqual([/frontend/, /backend/].map((name) => expect.stringMatching(name)));
      if (change === 'opened') expect(client).toMatch(/backend/);
      // The line on which the proposed policy begins.
      expect(place).toEqual({ file: join(PROPOSED, 'backend.yaml'), line: 3 });
    }
  });

  test('the policies in force break nothing', async () => {
    const result = await checkJson('--policies', join(SAMPLE, 'inventory/networkpolicies.yaml'), '--replace');
    expect([result.exitCode, result.changes]).toEqual([0, []]);
    expect(result.unchangedConnections).toBeGreaterThan(20);
  });

  test('no policies at all open everything that was dropped', async () => {
    const empty = bench.path('empty.yaml');
    writeFileSync(empty, '# nothing\n');
    const result = await checkJson('--policies', empty, '--replace');
    // c009 to c017 of the lab's record.
    expect([result.exitCode, counted(result, 'opened'), counted(result, 'broken')]).toEqual([0, 9, 0]);
  });

  test('an invalid policy is named with file, line and field, fails the check and hides no other', async () => {
    const folder = bench.path('invalid');
    mkdirSync(folder);
    const file = join(folder, 'web.yaml');
    writeFileSync(
      file,
      [
        'apiVersion: networking.k8s.io/v1',
        'kind: NetworkPolicy',
        'metadata: {name: web, namespace: elsewhere}',
        'spec:',
        '  podSelector: {}',
        '  ingress:',
        '    - ports:',
        '        - port: 99999',
        '',
      ].join('\n'),
    );
    const { exitCode, stderr, stdout } = await policy('check', ...INPUTS, '--policies', folder, '--policies', PROPOSED);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${file}:8: NetworkPolicy elsewhere/web: spec.ingress[0].ports[0].port: `);
    expect(stdout).toContain('4 connections would break, 3 would open');
    expect(stdout).toContain('1 error in the proposed files');
  });

  test('a file that is not there is said, and makes it 3', async () => {
    const { exitCode, stderr } = await policy('check', ...INPUTS, '--policies', 'missing.yaml');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('error: missing.yaml: no such file or directory');
  });

  test('text says who, why, and where', async () => {
    const { stdout } = await policy('check', ...INPUTS, '--policies', PROPOSED);
    expect(stdout).toContain('BROKEN: it worked, and would be denied');
    expect(stdout).toMatch(
      /then: ingress denied: no rule of .*shop\/backend-policy.*peer label role=frontend, rule wants role=web/,
    );
    expect(stdout).toContain(`${join(PROPOSED, 'backend.yaml')}:3`);
  });

  test('JUnit is well-formed, counts right and points at the file', async () => {
    const { stdout } = await policy('check', ...INPUTS, '--policies', PROPOSED, '--format', 'junit');
    const document = parseXml(stdout);
    expect(() => parseXml(stdout.replace('</testsuites>', ''))).toThrow();
    const suite = document.querySelector('testsuites > testsuite');
    const cases = [...document.querySelectorAll('testsuite > testcase')];
    expect(Number(suite?.getAttribute('tests'))).toBe(cases.length);
    const failing = cases.filter((one) => one.querySelector('failure') !== null);
    expect(Number(suite?.getAttribute('failures'))).toBe(failing.length);
    // Four connections between three pairs of pods.
    expect(failing).toHaveLength(3);
    for (const one of failing) {
      expect([one.getAttribute('file'), one.getAttribute('line')]).toEqual([join(PROPOSED, 'backend.yaml'), '3']);
    }
  });

  test('SARIF has what 2.1.0 requires', async () => {
    const output = bench.path('check.sarif');
    const { exitCode, stdout } = await policy(
      'check',
      ...INPUTS,
      '--policies',
      PROPOSED,
      '--format',
      'sarif',
      '-o',
      output,
    );
    expect([exitCode, stdout]).toEqual([1, '']);
    const sarif: unknown = JSON.parse(readFileSync(output, 'utf8'));
    const validate = new Ajv2020({ strict: false }).compile(SARIF_CORE);
    expect([validate(sarif), validate.errors]).toEqual([true, null]);
    const { runs } = sarif as { runs: { tool: { driver: { rules: { id: string }[] } }; results: SarifResult[] }[] };
    const [run] = runs;
    for (const { ruleId, ruleIndex } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    }
    expect(run?.results.filter(({ level }) => level === 'error')).toHaveLength(3);
  });
});

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
}

/** An object of SARIF with these members and no others. */
function only(properties: Record<string, object>, ...required: string[]): object {
  return { type: 'object', additionalProperties: false, required, properties };
}

const TEXT = { type: 'string', minLength: 1 };
const LEVEL = { enum: ['none', 'note', 'warning', 'error'] };
const MESSAGE = only({ text: TEXT }, 'text');
const RULE = only({ id: TEXT, shortDescription: MESSAGE, defaultConfiguration: only({ level: LEVEL }) }, 'id');
/** RFC 3986, a relative path or an absolute one: nothing that would have to be escaped. */
const URI = { type: 'string', pattern: "^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+$" };
const LOCATION = only({
  physicalLocation: only(
    { artifactLocation: only({ uri: URI }), region: only({ startLine: { type: 'integer', minimum: 1 } }) },
    'artifactLocation',
  ),
});

/**
 * What SARIF 2.1.0 says of the objects used here: sections 3.13 (log), 3.14 (run), 3.18 and 3.19 (tool), 3.49 (rule), 3.27 (result:
 * `message` is required), 3.28 to 3.30 (locations); only members that it knows, so that a misspelt one is found.
 */
const SARIF_CORE = only(
  {
    $schema: { const: 'https://json.schemastore.org/sarif-2.1.0.json' },
    version: { const: '2.1.0' },
    runs: {
      type: 'array',
      items: only(
        {
          tool: only(
            {
              driver: only(
                {
                  name: TEXT,
                  semanticVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
                  rules: { type: 'array', uniqueItems: true, items: RULE },
                },
                'name',
              ),
            },
            'driver',
          ),
          results: {
            type: 'array',
            items: only(
              {
                ruleId: TEXT,
                ruleIndex: { type: 'integer', minimum: 0 },
                level: LEVEL,
                message: MESSAGE,
                locations: { type: 'array', items: LOCATION },
              },
              'message',
              'ruleId',
              'level',
            ),
          },
        },
        'tool',
        'results',
      ),
    },
  },
  'version',
  'runs',
);

describe('suggest', () => {
  test('a file per policy, which break nothing that worked when they replace all others', async () => {
    const folder = bench.path('suggested');
    const { exitCode } = await policy('suggest', ...INPUTS, '-n', 'shop', '-n', 'default', '-o', folder);
    expect(exitCode).toBe(0);
    const files = readdirSync(folder).sort();
    expect(files).toContain('shop-backend.yaml');
    const texts = files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
    const { policies, problems } = await readPolicyTexts(texts);
    expect(problems).toEqual([]);
    expect(policies).toHaveLength(files.length);
    const check = await policy('check', ...INPUTS, '--policies', folder, '--replace', '--format', 'json');
    const { changes } = JSON.parse(check.stdout) as { changes: { change: string }[] };
    expect([check.exitCode, changes.filter(({ change }) => change === 'broken')]).toEqual([0, []]);
  });

  test('to standard output, with comments; only namespaces asked for', async () => {
    const { stdout, exitCode } = await policy('suggest', ...INPUTS, '-n', 'shop', '-q');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/# \d connections from shop\/Deployment\/frontend, port 8080\/TCP/);
    expect(stdout.match(/namespace: \w+/g)?.every((line) => line === 'namespace: shop')).toBe(true);
  });

  test('egress that was not seen is denied, or left open when asked', async () => {
    const databaseOf = (yaml: string): string =>
      yaml.split('---\n').find((one) => one.includes('name: database')) ?? '';
    const denied = await policy('suggest', ...INPUTS, '-n', 'shop', '-q');
    const open = await policy('suggest', ...INPUTS, '-n', 'shop', '-q', '--unseen-egress', 'open');
    expect(databaseOf(open.stdout)).not.toContain('    - Egress');
    expect(databaseOf(denied.stdout)).toContain('    - Egress');
  });
});

describe('explain', () => {
  const ask = async (from: string, to: string, port: string): Promise<Outcome> =>
    policy('explain', '-i', join(SAMPLE, 'inventory'), '--from', from, '--to', to, '--port', port);

  test('workloads by name: allowed, by a rule with its lines', async () => {
    const { exitCode, stdout, stderr } = await ask('shop/frontend', 'shop/backend', '8080/TCP');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/8080\/TCP: allowed$/);
    expect(stdout).toMatch(/rule 1 of NetworkPolicy shop\/backend-policy \(.*networkpolicies\.yaml, lines 38-44\)/);
    expect(stderr).toContain('and 1 other pod');
  });

  test('denied, with why each rule missed', async () => {
    const { stdout } = await ask('shop/frontend', 'shop/database-0', '5432');
    expect(stdout.split('\n')[0]).toMatch(/5432\/TCP: denied$/);
    expect(stdout).toContain('peer label role=frontend, rule wants role=backend');
  });

  test('addresses: of pods, of Services, and outside', async () => {
    // 10.96.174.22 is the Service of the database.
    expect((await ask('shop/backend', '10.96.174.22', '5432')).stdout).toMatch(/5432\/TCP: allowed\n/);
    expect((await ask('shop/frontend', '10.96.174.22', '5432')).stdout).toMatch(/5432\/TCP: denied\n/);
    expect((await ask('shop/backend', '203.0.113.10', '80')).stdout).toMatch(/80\/TCP: denied\n/);
  });

  test('a name that nobody has', async () => {
    const { exitCode, stderr } = await ask('shop/nobody', 'shop/backend', '8080');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--from shop/nobody: the inventory has no such pod or workload');
  });

  test('policies over those of the inventory', async () => {
    const { stdout } = await policy(
      ...['explain', '-i', join(SAMPLE, 'inventory'), '--policies', PROPOSED],
      ...['--from', 'shop/frontend', '--to', 'shop/backend', '--port', '8080'],
    );
    expect(stdout).toMatch(/8080\/TCP: denied\n/);
    expect(stdout).toContain('rule wants role=web');
  });

  test('connections that were seen, by verdict', async () => {
    const { stdout } = await policy('explain', ...INPUTS, '--verdict', 'denied');
    const [overview, ...heads] = stdout.split('\n').filter((line) => line !== '' && !line.startsWith(' '));
    expect(overview).toBe('9 connections denied and dropped');
    expect(heads).toHaveLength(9);
    for (const head of heads) expect(head).toMatch(/: denied and dropped$/);
    const json = await policy('explain', ...INPUTS, '--verdict', 'denied', '--format', 'json');
    const { connections } = JSON.parse(json.stdout) as { connections: { policy: { verdict: string } }[] };
    expect(connections.map(({ policy: { verdict } }) => verdict)).toEqual(heads.map(() => 'denied'));
  });
});

describe('report', () => {
  let document: { policies: Record<string, never>; connections: { policy: { verdict: string } | null }[] };

  beforeAll(async () => {
    const { stdout } = await bench.run(['report', ...INPUTS, '--format', 'json'], {
      services: (await import('../../src/cli/services.js')).SERVICES,
    });
    document = JSON.parse(stdout) as typeof document;
  });

  test('has the verdicts in its summary', () => {
    const { connectionsByOutcome, unusedRules, selectingNothing } = document.policies;
    expect(connectionsByOutcome).toMatchObject({ 'denied and dropped': 9 });
    // The database asked no DNS; nothing else in its policies is unused.
    expect(unusedRules).toEqual([{ policy: 2, direction: 'egress', rule: 1, lines: { first: 87, last: 98 } }]);
    expect(selectingNothing).toEqual([]);
  });

  test('--ip-blocks and --policies are echoed', async () => {
    const words = ['report', ...INPUTS, '--policies', PROPOSED, '--ip-blocks', 'exclude-pods', '--format', 'json'];
    const { stdout } = await bench.run(words, { services: (await import('../../src/cli/services.js')).SERVICES });
    const { options, policies } = JSON.parse(stdout) as { options: object[]; policies: { reading: object } };
    expect(options).toContainEqual({ name: 'policies', value: PROPOSED });
    expect(options).toContainEqual({ name: 'ip-blocks', value: 'exclude-pods' });
    expect(policies.reading).toMatchObject({ ipBlocks: 'exclude pods' });
  });
});
