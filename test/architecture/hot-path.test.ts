/** The lint rule of the hot folders: what it must refuse per packet, and what must stay possible beside the packets. */
import { describe, expect, test } from '@jest/globals';
import { Linter } from 'eslint';
import tseslint from 'typescript-eslint';

// A variable, because the rule is plain JavaScript without types.
const rulePath: string = '../tools/eslint-hot-path.js';
const { default: podtrail } = await import(rulePath);

/** Complaints about the code as if it stood in a hot file. */
function lint(code: string, options: { asyncIsCold?: boolean } = {}): string[] {
  const messages = new Linter().verify(
    code,
    {
      files: ['**/*.ts'],
      languageOptions: { parser: tseslint.parser },
      plugins: { podtrail },
      rules: { 'podtrail/hot-path': ['error', options] },
    },
    'src/wire/example.ts',
  );
  return messages.map((message) => message.message);
}

const hot = (body: string): string =>
  `export function decode(d: Decoded, view: DataView, at: number): number {\n${body}\n}`;

describe('refused where a packet passes', () => {
  test.each([
    ['object literal', 'return use({ at });'],
    ['array literal', 'return use([at]);'],
    ['template literal', 'return use(`${at}`);'],
    ['string building', "return use('at ' + at);"],
    ['String()', 'return use(String(at));'],
    ['toString', 'return use(at.toString());'],
    ['regular expression', 'return use(/x/);'],
    ['arrow closure', 'return use(() => at);'],
    ['function closure', 'return use(function () { return at; });'],
    ['nested function', 'function inner() { return at; } return inner();'],
    ['spread', 'return use(...d.levels);'],
    ['object destructuring', 'const { depth } = d; return depth;'],
    ['array destructuring', 'const [first] = d.levels; return first;'],
    ['for…of', 'for (const level of d.levels) use(level); return at;'],
    ['for…in', 'for (const key in d) use(key); return at;'],
    ['subarray', 'return use(d.bytes.subarray(at));'],
    ['JSON', 'return use(JSON.stringify(at));'],
    ['slice', 'return use(d.bytes.slice(at));'],
    ['BigInt literal', 'return use(1n);'],
    ['BigInt()', 'return use(BigInt(at));'],
    ['64-bit read', 'return use(view.getBigUint64(at));'],
    ['try', 'try { use(at); } finally { use(0); } return at;'],
    ['throw', "throw new RangeError('x');"],
    ['new object', 'return use(new Level());'],
    ['new DataView', 'return use(new DataView(view.buffer));'],
    ['destructured parameter', 'return use(at); } export function more({ at }: Decoded): number { return at;'],
    ['rest parameter', 'return use(at); } export function more(...at: number[]): number { return 1;'],
    ['generator', 'return use(at); } export function* more(): Iterable<number> { '],
    ['async function', 'return use(at); } export async function more(): Promise<void> { '],
    ['arrow at module level', 'return use(at); } export const more = (at: number): object => { return { at }; '],
    ['method', 'return use(at); } export class Table { read(): number[] { return [1]; } '],
  ])('%s', (_name, body) => {
    expect(lint(hot(body))).not.toEqual([]);
  });
});

describe('possible in a hot file', () => {
  test.each([
    [
      'tables made once',
      "export const STOP = { None: 0 } as const;\nexport const NAMES = ['a', 'b'].map((n) => `x${n}`);",
    ],
    [
      'accessors at module level',
      'export const sourcePort = (view: DataView, at: number): number => view.getUint16(at);',
    ],
    [
      'numbers, loops and calls',
      hot('let n = 0; for (let i = 0; i < at; i++) n += view.getInt32(i) | 0; return finish(n);'),
    ],
    ['switch and while', hot('while (at > 0) { switch (at) { case 1: return 1; default: at--; } } return 0;')],
    ['comparing text constants', hot("return d.format === 'pcap' ? 1 : 0;")],
    ['columns that grow', hot('const more = new Int32Array(at * 2); more.set(d.words); d.words = more; return at;')],
    ['own methods called find and of', hot('return d.table.find(at) + d.encapsulations.of(at);')],
    ['class fields', 'export class Table { private rows = [new Level()]; names = new Map<string, number>(); }'],
    [
      'constructors',
      'export class Table { rows: Level[]; constructor() { this.rows = []; for (const x of [1]) this.rows.push(make({ x })); } }',
    ],
    [
      'a cold function',
      '/** Names for the report. @cold once per report */\nexport function names(): string[] { return [`a`].map((n) => n); }',
    ],
    ['a cold method', 'export class Table {\n  /** @cold once per run */\n  rows(): Row[] { return [{ a: 1 }]; }\n}'],
    [
      'a cold accessor',
      '/** @cold once per oddity */\nexport const nameOf = (code: number): string => `code ${code}`;',
    ],
  ])('%s', (_name, code) => {
    expect(lint(code)).toEqual([]);
  });
});

test('cold wants its reason', () => {
  expect(lint('/** @cold */\nexport function names(): string[] { return []; }')).toHaveLength(1);
});

test('a closure in a cold function is as cold as the function', () => {
  expect(
    lint('/** @cold once per run */\nexport function names(): object { return [1].map((n) => ({ n })); }'),
  ).toEqual([]);
});

test('async methods of a cursor are cold where the configuration says so, and nowhere else', () => {
  const fill =
    'export class Cursor { async fill(): Promise<boolean> { const got = await read({ at: 1 }); return got; } }';
  expect(lint(fill, { asyncIsCold: true })).toEqual([]);
  expect(lint(fill)).not.toEqual([]);
});
