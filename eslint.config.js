/**
 * Lint: TypeScript's type-aware rules everywhere, and the house rules that a compiler cannot know.
 *
 * - Hot files (run once per packet) allocate nothing and do not throw: test/tools/eslint-hot-path.js.
 * - The engine never prints, reads no clock and no environment: only src/cli touches process and console.
 * - The document is the same for the same input: no locale, no current time, no random numbers below src/cli.
 */
import tseslint from 'typescript-eslint';
import podtrail from './test/tools/eslint-hot-path.js';

/** Everything in here runs once per packet unless its doc comment says `@cold <when>`. */
const HOT_FILES = [
  'src/wire/**/*.ts',
  'src/flow/**/*.ts',
  'src/l7/**/*.ts',
  'src/capture/**/*cursor*.ts',
  'src/filter/terms/**/*.ts',
  'src/analysis/drain.ts',
];

/** Whole files in hot folders that no packet reaches, each with the reason. */
const COLD_FILES = [
  'src/wire/stop.ts', // names and sentences of the stop codes, for the report
];

const COLUMN_ASSERTION = 'Only a read by index (`column[i]!`) or a pop() may be asserted; handle the missing value.';
const ANYWHERE = [
  {
    selector: "TSNonNullExpression > :not(MemberExpression, CallExpression[callee.property.name='pop'])",
    message: COLUMN_ASSERTION,
  },
  { selector: 'TSNonNullExpression > MemberExpression[computed=false]', message: COLUMN_ASSERTION },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for one thing, everywhere.' },
  {
    selector: "ExportAllDeclaration[exportKind!='type']",
    message: 'Export by name, so that knip and readers see who uses what.',
  },
];
const ENGINE = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'No clock in the engine: time comes in.',
  },
  { selector: 'CallExpression[callee.property.name=/^toLocale/]', message: 'No locale: same input, same bytes.' },
  { selector: "CallExpression[callee.property.name='localeCompare']", message: 'No locale: compare with < and >.' },
  { selector: "MemberExpression[object.name='Intl']", message: 'No locale: same input, same bytes.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.cache/', 'test/bench/data/', 'templates/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', ...ANYWHERE],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/return-await': 'error',
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // An async method without await is how a synchronous source fulfils an asynchronous contract.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'console'].map((name) => ({ name, message: 'Only src/cli touches it; pass in what you need.' })),
        { name: 'performance', message: 'No clock in the engine: time comes in.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'No clock in the engine: time comes in.' },
        { object: 'Math', property: 'random', message: 'Same input, same bytes: no random numbers.' },
      ],
      'no-restricted-syntax': ['error', ...ANYWHERE, ...ENGINE],
    },
  },
  {
    files: HOT_FILES,
    ignores: COLD_FILES,
    plugins: { podtrail },
    rules: { 'podtrail/hot-path': 'error' },
  },
  {
    files: ['src/capture/**/*cursor*.ts'],
    plugins: { podtrail },
    rules: { 'podtrail/hot-path': ['error', { asyncIsCold: true }] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Tests parse foreign JSON and index what they have just checked; a wrong access fails the test, which is its job.
      'no-restricted-syntax': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    rules: { eqeqeq: 'error', 'no-var': 'error', 'prefer-const': 'error', 'no-unused-vars': 'error' },
  },
);
