/**
 * The walls of the house as rules: a folder of src ("floor") imports itself, the floors listed, and the packages named.
 *
 * FLOORS is the list of src/README.md in a form that a program can check; both change together. Type-only imports count.
 * Run `npm run depcruise`; test/architecture/dependencies.test.ts proves that every rule bites.
 */

/**
 * @typedef {object} Floor
 * @property {string[]} floors Other floors it may import.
 * @property {string[]} [packages] npm packages it may import; `d3-*` stands for all that begin so.
 * @property {string[]} [node] Modules of Node it may import, without `node:`; for files see FILE_ACCESS, too.
 * @property {string} why What the wall protects, and what to do instead.
 */

/** @type {Record<string, Floor>} */
export const FLOORS = {
  base: {
    floors: [],
    why: 'base is what everything stands on: numbers, hashing, addresses, time, errors. Pass what it needs as an argument.',
  },
  model: {
    floors: ['base'],
    packages: ['kubernetes-types'],
    why: 'model holds nouns only: types and constants. Behaviour belongs to the floor that uses them.',
  },
  capture: {
    floors: ['base'],
    node: ['stream'],
    why: 'capture turns bytes into records and knows nothing of headers. What combines records and headers belongs to analysis.',
  },
  wire: {
    floors: ['base'],
    why: 'wire is pure: bytes in, headers out, no package, no Node, no capture format. Files and records belong to capture.',
  },
  inventory: {
    floors: ['model', 'base'],
    packages: ['js-yaml', '@streamparser/json', 'ipaddr.js', 'kubernetes-types'],
    node: ['fs', 'fs/promises', 'net', 'path', 'zlib'],
    why: 'inventory says who owned an address when; it sees cluster snapshots and never a packet. Joining belongs to analysis.',
  },
  filter: {
    floors: ['wire', 'base'],
    why: 'filter compiles text to a predicate over headers. Names of pods come in through its resolver interface.',
  },
  l7: {
    floors: ['wire', 'base'],
    why: 'l7 reads hints out of payload bytes into an arena. Text, names and joins come later, in analysis.',
  },
  flow: {
    floors: ['wire', 'base'],
    why: 'flow keeps the table of flows from headers alone. Owners and vantage points get their meaning in analysis.',
  },
  policy: {
    floors: ['inventory', 'model', 'base'],
    packages: ['yaml'],
    why: 'policy evaluates NetworkPolicy against the inventory. It judges endpoints, never packets or flows.',
  },
  trail: {
    floors: ['flow', 'inventory', 'model', 'base'],
    why: 'trail joins flows of many vantage points by their columns, never by packets.',
  },
  listing: {
    floors: ['wire', 'filter', 'inventory', 'base'],
    packages: ['re2js'],
    why: 'listing turns one packet into one line of text with names.',
  },
  analysis: {
    floors: [
      'findings',
      'listing',
      'trail',
      'policy',
      'flow',
      'l7',
      'filter',
      'inventory',
      'wire',
      'capture',
      'model',
      'base',
    ],
    node: ['worker_threads', 'stream'],
    why: 'analysis is where packets, flows and cluster meet; it ends with the report document. What shows it belongs to report.',
  },
  findings: {
    floors: ['policy', 'model', 'base'],
    why: 'a finding gets its declared inputs and nothing else: no packets, no flows, no report. Let analysis compute what is missing.',
  },
  report: {
    floors: ['model', 'base'],
    packages: ['handlebars', 'csv-stringify', 'hyparquet-writer'],
    node: ['crypto', 'fs', 'path', 'url'],
    why: 'report reads the document only. What a writer misses is added to the document by analysis, so that every format has it.',
  },
  cli: {
    floors: ['*'],
    packages: ['yargs', 'cli-progress', 'cli-table3', 'picocolors', 'js-yaml'],
    node: ['*'],
    why: 'cli may import every floor, but only the packages that argv and the terminal need.',
  },
};

/** Folders inside a floor with packages and modules of Node of their own, instead of those of the floor. */
export const ROOMS = {
  'capture/source': {
    packages: ['fzstd'],
    node: ['fs', 'fs/promises', 'path', 'zlib', 'stream', 'stream/promises'],
    why: 'only capture/source opens files and decompresses; readers get a byte source, so that they run on any bytes.',
  },
  'report/charts': {
    packages: ['d3-node', 'd3-*', 'd3'],
    node: [],
    why: 'd3 costs half a second to load; only charts, loaded by the HTML writer alone, may touch it.',
  },
};

/** Who may open files, and which. */
const FILE_ACCESS = [
  '^src/cli/', // arguments, configuration, outputs
  '^src/capture/source/', // captures
  '^src/inventory/(walk|recognize)\\.ts$', // snapshots of the cluster
  '^src/report/templates\\.ts$', // templates/, which ship with the program
];

/** Where a run begins: the program, the library, worker threads. */
const ENTRIES = ['^src/cli/main\\.ts$', '^src/index\\.ts$', '(^|[/-])worker\\.ts$'];

/** Finished and tested, waiting for the command that uses it; to be taken out of this list by whoever wires it up. */
const NOT_WIRED_YET = [
  '^src/capture/(writer|byte-builder)\\.ts$', // `packets -w` and `annotate`
  '^src/wire/tcp-options\\.ts$', // TCP health
];

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const anyOf = (parts) => `(${parts.join('|')})`;
const packagePattern = (name) => (name.endsWith('*') ? `${escape(name.slice(0, -1))}[^/]*` : escape(name));
const packagePaths = (names) => `node_modules/(@types/)?${anyOf(names.map(packagePattern))}/`;
const nodePaths = (names) => `^(node:)?${anyOf(names.map(escape))}$`;
const roomsOf = (floor) => Object.keys(ROOMS).filter((room) => room.startsWith(`${floor}/`));
const listed = (names) => (names.length === 0 ? 'nothing' : names.join(', '));

/** A floor imports only itself and the floors listed. */
function floorRule([name, floor]) {
  const allowed = [name, ...floor.floors];
  return {
    name: `floor-${name}`,
    severity: 'error',
    comment: `src/${name} may import ${listed(floor.floors)}. ${floor.why}`,
    from: { path: `^src/${name}/` },
    to: { path: '^src/', pathNot: `^src/${anyOf(allowed)}/` },
  };
}

/** A floor (or a room of it) imports only the npm packages named. */
function packageRule(name, packages, exceptRooms, why) {
  return {
    name: `packages-${name.replace('/', '-')}`,
    severity: 'error',
    comment: `src/${name} may import these packages: ${listed(packages)}. ${why}`,
    from: { path: `^src/${name}/`, pathNot: exceptRooms.map((room) => `^src/${room}/`) },
    to: { path: 'node_modules/', pathNot: packages.length === 0 ? [] : [packagePaths(packages)] },
  };
}

/** A floor (or a room of it) imports only the modules of Node named. */
function nodeRule(name, modules, exceptRooms, why) {
  return {
    name: `node-${name.replace('/', '-')}`,
    severity: 'error',
    comment: `src/${name} may import these modules of Node: ${listed(modules)}. ${why}`,
    from: { path: `^src/${name}/`, pathNot: exceptRooms.map((room) => `^src/${room}/`) },
    to: { dependencyTypes: ['core'], pathNot: modules.length === 0 ? [] : [nodePaths(modules)] },
  };
}

const floors = Object.entries(FLOORS);
const floorRules = floors.filter(([, floor]) => !floor.floors.includes('*')).map(floorRule);
const packageRules = [
  ...floors.map(([name, floor]) => packageRule(name, floor.packages ?? [], roomsOf(name), floor.why)),
  ...Object.entries(ROOMS).map(([room, { packages, why }]) => packageRule(room, packages, [], why)),
];
const nodeRules = [
  ...floors
    .filter(([, floor]) => floor.node?.includes('*') !== true)
    .map(([name, floor]) => nodeRule(name, floor.node ?? [], roomsOf(name), floor.why)),
  ...Object.entries(ROOMS).map(([room, { node, why }]) => nodeRule(room, node, [], why)),
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...floorRules,
    ...packageRules,
    ...nodeRules,
    {
      name: 'floors-are-known',
      severity: 'error',
      comment:
        'A folder of src that is not a floor of the plan. Put the file on an existing floor, or add the floor to FLOORS and to src/README.md.',
      from: { path: '^src/', pathNot: [`^src/${anyOf(Object.keys(FLOORS))}/`, '^src/index\\.ts$'] },
      to: {},
    },
    {
      name: 'library-exports-model-only',
      severity: 'error',
      comment:
        'src/index.ts is what `import "podtrail"` gives: the types and constants of the document. It imports model only.',
      from: { path: '^src/index\\.ts$' },
      to: { pathNot: '^src/model/' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      comment:
        'An import cycle hides which file depends on which. Move what both need into a file of its own, or pass it in.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this file and it imports nothing. Wire it up or delete it.',
      from: { orphan: true, path: '^src/', pathNot: ['\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'not-unreachable-from-cli',
      severity: 'error',
      comment: 'No command and no export leads to this file, so nobody can use it. Wire it up or delete it.',
      from: { path: ENTRIES },
      to: { path: '^src/', pathNot: ['\\.d\\.ts$', ...ENTRIES, ...NOT_WIRED_YET], reachable: false },
    },
    {
      name: 'no-dep-on-test',
      severity: 'error',
      comment: 'What ships must not need the tests. Move the shared piece into src.',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'not-resolvable',
      severity: 'error',
      comment:
        'The import leads nowhere: a typing error, a file not committed, or a package missing from package.json.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'packages-are-declared',
      severity: 'error',
      comment:
        'The package is there by chance (through another one). Add it to devDependencies; the bundle carries it to users.',
      from: { path: '^(src|test)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'restrict-fs-access',
      severity: 'error',
      comment: 'Only the files listed in FILE_ACCESS open files. Take bytes, text or a writer as an argument instead.',
      from: { path: '^src/', pathNot: FILE_ACCESS },
      to: { dependencyTypes: ['core'], path: nodePaths(['fs', 'fs/promises', 'child_process']) },
    },
    {
      name: 'no-network',
      severity: 'error',
      comment: 'podtrail works offline: no file of it opens a connection or resolves a name.',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['core'],
        path: nodePaths(['http', 'http2', 'https', 'dns', 'dns/promises', 'tls', 'dgram']),
      },
    },
    {
      name: 'restrict-process',
      severity: 'error',
      comment:
        'Only src/cli knows argv, the environment, the terminal and exit codes. Report through base/events.ts or return a value.',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { dependencyTypes: ['core'], path: nodePaths(['process', 'tty', 'readline', 'console', 'os']) },
    },
    {
      name: 'report-reads-document-only',
      severity: 'error',
      comment:
        'A writer reads the report document and nothing behind it. Add what is missing to the document, then every format has it.',
      from: { path: '^src/report/' },
      to: { path: '^src/(analysis|trail|findings|policy|listing|flow|l7|filter|inventory|wire|capture)/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^test/bench/data/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
