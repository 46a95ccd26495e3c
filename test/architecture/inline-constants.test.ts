/** The build's plugin that writes constants out: what it replaces, and above all what it must leave alone. */
import { describe, expect, test } from '@jest/globals';
import { Constants, inlineConstants } from '../tools/build/inline-constants.js';

/** The module `main.ts` after inlining, in a program of these modules. */
function inlined(modules: Record<string, string>): string {
  return inlineConstants('main.ts', new Constants((path: string) => modules[path]!));
}

describe('constants are written out', () => {
  test.each([
    ['a number of the module', 'const N = 7;\nuse(N + at);', 'const N = 7;\nuse(7 + at);'],
    ['a negative one, in brackets', 'const N = -1;\nuse(-N, N);', 'const N = -1;\nuse(-(-1), (-1));'],
    [
      'arithmetic over others',
      'const A = 3;\nconst B = (1 << A) - 1;\nuse(B);',
      'const A = 3;\nconst B = (1 << 3) - 1;\nuse(7);',
    ],
    [
      'members of a table',
      'const T = { X: 1, Y: 2 } as const;\nuse(T.Y);',
      'const T = { X: 1, Y: 2 } as const;\nuse(2);',
    ],
    ['a shorthand property', 'const n = 7;\nuse({ n });', 'const n = 7;\nuse({ n: 7 });'],
    ['an index', 'const N = 7;\nlist[N];', 'const N = 7;\nlist[7];'],
    ['a case', 'const N = 7;\nswitch (x) { case N: break; }', 'const N = 7;\nswitch (x) { case 7: break; }'],
  ])('%s', (_name, before, after) => {
    expect(inlined({ 'main.ts': before })).toBe(after);
  });

  test('imported by name, under another name, and as a namespace', () => {
    const other = 'export const N = 7;\nexport const T = { X: 1 } as const;';
    const main =
      "import { N as M, T } from './other.js';\nimport * as o from './other.js';\nuse(M, T.X, o.N, o.T.X, o.unknown);";
    expect(inlined({ 'main.ts': main, 'other.ts': other }).split('\n')[2]).toBe('use(7, 1, 7, 1, o.unknown);');
  });

  test('through a chain of modules', () => {
    const modules = {
      'main.ts': "import { C } from './c.js';\nuse(C);",
      'c.ts': "import { B } from './b.js';\nexport const C = B * 2;",
      'b.ts': 'export const B = 21;',
    };
    expect(inlined(modules).split('\n')[1]).toBe('use(42);');
  });
});

describe('left alone', () => {
  test.each([
    ['what can change', 'let N = 7;\nuse(N);'],
    ['what is no number', "const N = 'x';\nconst list = [1];\nuse(N, list);"],
    ['what is not known', 'const N = f();\nuse(N);'],
    ['a name that a parameter has too', 'const N = 7;\nfunction f(N) { return N; }\nuse(N);'],
    ['a name that a local variable has too', 'const N = 7;\nfunction f() { const N = 8; return N; }\nuse(N);'],
    ['members and keys of that name', 'const N = 7;\nuse(o.N, { N: 1 });'],
    ['types', 'const T = { X: 1 } as const;\ntype V = (typeof T)[keyof typeof T];'],
    ['exports', 'const N = 7;\nexport { N };'],
    ['a table that is not const', 'const T = { X: 1 };\nT.X = 2;\nuse(T.X);'],
  ])('%s', (_name, source) => {
    expect(inlined({ 'main.ts': source })).toBe(source);
  });
});
