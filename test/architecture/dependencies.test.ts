/**
 * The walls bite: a generated house with one offence per wall, checked by the real rules in one run of dependency-cruiser.
 *
 * The source of truth is the table of floors in src/README.md, so the page, the rules and the code cannot drift apart. Every
 * floor gets a file that imports all it may (which must pass) and files that import one thing it may not (which must fail).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../tools/shared.js';

interface Floor {
  readonly name: string;
  readonly floors: readonly string[];
  readonly packages: readonly string[];
  readonly node: readonly string[];
  /** Modules of Node that only some files may use: `fs` → `['walk.ts']`. */
  readonly nodeByFile: ReadonlyMap<string, readonly string[]>;
}

const PACKAGES =
  `yargs cli-progress cli-table3 picocolors js-yaml handlebars csv-stringify hyparquet-writer d3-node d3-sankey d3
  re2js yaml @streamparser/json ipaddr.js fzstd kubernetes-types left-pad`.split(/\s+/);
const NODE_MODULES =
  `fs fs/promises path zlib stream stream/promises worker_threads net http process os child_process`.split(' ');

const list = (cell: string): string[] => cell.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()]));

function readFloors(): Floor[] {
  const rows =
    readFileSync(join(repositoryRoot, 'src/README.md'), 'utf8').match(/^\| [a-z0-9/]+ \|.*\|.*\|.*\|.*\|$/gm) ?? [];
  return rows
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells[1] !== 'floor')
    .map((cells) => ({
      name: cells[1]!,
      floors: list(cells[3]!),
      packages: list(cells[4]!),
      ...readModules(cells[5]!),
    }));
}

/** `net, fs (walk.ts recognize.ts)` → net for every file, fs for the two. */
function readModules(cell: string): Pick<Floor, 'node' | 'nodeByFile'> {
  const items = list(cell).map((item) => /^([^ ]+)(?: \((.+)\))?$/.exec(item)!);
  const bracketed = items.filter((item) => item[2] !== undefined);
  return {
    node: items.map((item) => item[1]!),
    nodeByFile: new Map(bracketed.map((item) => [item[1]!, item[2]!.split(' ')])),
  };
}

const FLOORS = readFloors();
const isRoom = (floor: Floor): boolean => floor.name.includes('/');
const houseOf = (floor: Floor): string => floor.name.split('/')[0]!;
const allows = (allowed: readonly string[], name: string): boolean =>
  allowed.some((one) => one === '*' || one === name || (one.endsWith('*') && name.startsWith(one.slice(0, -1))));
const ruleName = (kind: string, floor: Floor): string => `${kind}-${floor.name.replace('/', '-')}`;

/** What a file imports, and the rules that must (or must not) complain about it. */
interface House {
  readonly files: Map<string, string[]>;
  readonly offences: { readonly file: string; readonly target: string; readonly rule: string }[];
}

const toFloor = (from: Floor, to: string): string => `${isRoom(from) ? '../..' : '..'}/${to}/lawful.js`;

function buildHouse(): House {
  const files = new Map<string, string[]>();
  const offences: House['offences'] = [];
  const otherFloors = FLOORS.filter((floor) => !isRoom(floor)).map((floor) => floor.name);
  for (const floor of FLOORS) {
    const floors = otherFloors.filter((other) => other !== floor.name && other !== houseOf(floor));
    const lawful = [
      ...floors.filter((other) => allows(floor.floors, other)).map((other) => toFloor(floor, other)),
      ...PACKAGES.filter((name) => allows(floor.packages, name)),
      ...NODE_MODULES.filter((name) => floor.node.includes(name) && !floor.nodeByFile.has(name)).map(
        (name) => `node:${name}`,
      ),
    ];
    files.set(`src/${floor.name}/lawful.ts`, lawful);
    for (const [name, only] of floor.nodeByFile) {
      for (const file of only) {
        const path = `src/${floor.name}/${file}`;
        files.set(path, [...(files.get(path) ?? []), `node:${name}`]);
      }
    }
    const offend = (kind: string, target: string, specifier: string): void => {
      const file = `src/${floor.name}/${kind}-${target.replace(/[^a-z0-9]/g, '-')}.ts`;
      files.set(file, [specifier]);
      offences.push({ file, target, rule: kind === 'floors' ? `floor-${houseOf(floor)}` : ruleName(kind, floor) });
    };
    for (const other of floors) if (!allows(floor.floors, other)) offend('floors', other, toFloor(floor, other));
    for (const name of PACKAGES) if (!allows(floor.packages, name)) offend('packages', name, name);
    for (const name of NODE_MODULES) if (!allows(floor.node, name)) offend('node', name, `node:${name}`);
  }
  addGeneralOffences(files, offences);
  return { files, offences };
}

/** The rules that are not about one floor. */
function addGeneralOffences(files: Map<string, string[]>, offences: House['offences']): void {
  const offend = (rule: string, file: string, target: string, specifier: string): void => {
    files.set(file, [...(files.get(file) ?? []), specifier]);
    offences.push({ rule, file, target });
  };
  files.set('src/base/round.ts', ['./about.js']);
  files.set('src/base/about.ts', ['./round.js']);
  offences.push({ rule: 'no-circular', file: 'src/base/about.ts', target: 'round' });
  files.set('src/base/lonely.ts', []);
  offences.push({ rule: 'no-orphans', file: 'src/base/lonely.ts', target: 'lonely' });
  files.set('src/base/hidden.ts', []);
  files.set('src/base/hidden-too.ts', ['./hidden.js']);
  offences.push({ rule: 'not-unreachable-from-cli', file: 'src/base/hidden-too.ts', target: 'hidden' });
  const lawful = [...files.keys()].filter(
    (path) => path.startsWith('src/') && !/[/-](floors|packages|node)-/.test(path),
  );
  const seen = lawful.filter((path) => !path.includes('hidden') && !path.includes('lonely'));
  files.set(
    'src/cli/main.ts',
    seen.map((path) => path.replace(/^src/, '..').replace(/ts$/, 'js')),
  );
  offend('no-dep-on-test', 'src/base/tested.ts', 'helper', '../../test/helper.js');
  files.set('test/helper.ts', []);
  offend('not-resolvable', 'src/base/lost.ts', 'nowhere', './nowhere.js');
  offend('packages-are-declared', 'test/undeclared.ts', 'undeclared', 'undeclared');
  offend('floors-are-known', 'src/attic/box.ts', 'lawful', '../base/lawful.js');
  for (const floor of ['wire', 'inventory', 'report'])
    offend('restrict-fs-access', `src/${floor}/open.ts`, 'fs', 'node:fs');
  offend('no-network', 'src/capture/source/download.ts', 'http', 'node:http');
  offend('restrict-process', 'src/report/exit.ts', 'process', 'node:process');
  offend('report-reads-document-only', 'src/report/peek.ts', 'lawful', '../flow/lawful.js');
  offend('library-exports-model-only', 'src/index.ts', 'lawful', './flow/lawful.js');
}

const scratch = mkdtempSync(join(tmpdir(), 'podtrail-walls-'));
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(scratch, path)), { recursive: true });
  writeFileSync(join(scratch, path), text);
}

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** Writes the house and returns all violations of the real rules in it. Every import is type-only: those count too. */
function cruise(house: House): Violation[] {
  for (const [file, imports] of house.files) {
    const lines = imports.map(
      (specifier, i) => `import type * as m${i} from '${specifier}';\nexport type T${i} = typeof m${i};\n`,
    );
    write(file, `${lines.join('')}export const here = 1;\n`);
  }
  for (const name of [...PACKAGES, 'undeclared']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  const declared = Object.fromEntries(PACKAGES.map((name) => [name, '1.0.0']));
  write('package.json', JSON.stringify({ name: 'house', type: 'module', devDependencies: declared }));
  write('tsconfig.json', readFileSync(join(repositoryRoot, 'tsconfig.json'), 'utf8'));
  const binary = join(repositoryRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(repositoryRoot, '.dependency-cruiser.js');
  const args = [binary, '--config', config, '--output-type', 'json', 'src', 'test'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: scratch, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout).summary.violations;
}

const house = buildHouse();
const violations = cruise(house);

describe('every wall bites', () => {
  const rules = [...new Set(house.offences.map((offence) => offence.rule))].sort();
  test.each(rules)('%s', (rule) => {
    const missed = house.offences
      .filter((offence) => offence.rule === rule)
      .filter((offence) => !violations.some((found) => found.rule.name === rule && found.from === offence.file))
      .map((offence) => `${offence.file} imports ${offence.target}`);
    expect(missed).toEqual([]);
  });
});

describe('a floor may import what the table gives it', () => {
  test.each(FLOORS.map((floor) => floor.name))('%s', (name) => {
    const named = FLOORS.find((floor) => floor.name === name)!.nodeByFile;
    const files = ['lawful.ts', ...[...named.values()].flat()].map((file) => `src/${name}/${file}`);
    const found = violations.filter((violation) => files.includes(violation.from));
    expect(found.map((violation) => `${violation.rule.name}: ${violation.to}`)).toEqual([]);
  });
});

test('every rule is shown to bite, and the table has all fifteen floors', () => {
  const bitten = new Set(house.offences.map((offence) => offence.rule));
  const listed = spawnSync(
    process.execPath,
    [
      '-e',
      `import(${JSON.stringify(join(repositoryRoot, '.dependency-cruiser.js'))}).then((m) => console.log(JSON.stringify(m.default.forbidden.map((r) => r.name))))`,
    ],
    { encoding: 'utf8' },
  );
  const names: string[] = JSON.parse(listed.stdout);
  expect(names.filter((name) => !bitten.has(name))).toEqual([]);
  expect(FLOORS.filter((floor) => !isRoom(floor))).toHaveLength(15);
});
