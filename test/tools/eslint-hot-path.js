/**
 * ESLint rule for the hot folders: what runs once per packet allocates nothing and cannot throw.
 *
 * Inside functions the rule forbids the syntax that allocates or unwinds: literals of objects, arrays, templates and regular
 * expressions, closures, spread, destructuring, for…of and for…in, BigInt, try and throw, generators, async, `new`,
 * string building, and the calls that copy (slice, subarray, map, …).
 *
 * Free of it, because they do not run per packet:
 * - module level and class fields (tables made once),
 * - constructors,
 * - functions whose doc comment says `@cold` with the reason (`@cold once per chunk`), and what stands inside them,
 * - async methods where the option `asyncIsCold` is on (a cursor's `fill` and `close`).
 * Growing a column is allowed anywhere: `new Int32Array(…)` and its like, since a table that doubles does so rarely.
 */

const COLUMN_TYPES = new Set([
  'Int8Array',
  'Uint8Array',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float64Array',
  'ArrayBuffer',
]);

/** Methods that return a copy, a string, an iterator or a BigInt. Those that take a closure are seen by their closure. */
const COPYING_METHODS = new Set(
  `slice subarray splice concat flat entries keys values toString toFixed padStart padEnd join split replace replaceAll
   repeat substring trim fromCharCode getBigInt64 getBigUint64`.split(/\s+/),
);

/** Objects whose static methods make objects. */
const MAKERS = new Set(['Array', 'Object', 'JSON', 'Reflect']);

const FORBIDDEN_NODES = {
  ObjectExpression: 'an object literal allocates',
  ArrayExpression: 'an array literal allocates',
  TemplateLiteral: 'a template literal builds a string',
  ArrowFunctionExpression: 'a closure allocates',
  FunctionExpression: 'a closure allocates',
  FunctionDeclaration: 'a nested function allocates',
  ClassExpression: 'a class made per call allocates',
  SpreadElement: 'spread allocates',
  RestElement: 'rest parameters and rest patterns allocate',
  ObjectPattern: 'destructuring hides reads and may allocate; name the fields',
  ArrayPattern: 'destructuring runs an iterator',
  ForOfStatement: 'for…of runs an iterator; count an index',
  ForInStatement: 'for…in makes strings of the keys',
  TryStatement: 'hot code does not throw, so there is nothing to catch; use stop codes',
  ThrowStatement: 'hot code does not throw; set a stop code or damage',
  YieldExpression: 'a generator allocates for every value',
  AwaitExpression: 'await costs a promise for every packet',
};

const FUNCTION_TYPES = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** The node whose leading comment documents the function: its method, or the statement or field that declares it. */
function documentedNode(node) {
  let at = node;
  while (at.parent !== null && at.parent.type !== 'ClassBody' && at.parent.type !== 'Program') {
    if (FUNCTION_TYPES.has(at.parent.type) || at.parent.type === 'BlockStatement') break;
    at = at.parent;
  }
  return at;
}

const rule = {
  meta: {
    type: 'problem',
    docs: { description: 'no allocation and no exception in what runs once per packet' },
    schema: [{ type: 'object', properties: { asyncIsCold: { type: 'boolean' } }, additionalProperties: false }],
    messages: {
      hot: 'Hot path: {{why}}. If this does not run once per packet, say so in the doc comment: `@cold <when it runs>`.',
      coldWithoutReason: 'Say when this runs behind `@cold`, for example `@cold once per chunk`.',
    },
  },

  create(context) {
    const asyncIsCold = context.options[0]?.asyncIsCold === true;
    const sourceCode = context.sourceCode;

    function docComment(node) {
      const comment = sourceCode.getCommentsBefore(documentedNode(node)).at(-1);
      return comment !== undefined && comment.type === 'Block' && comment.value.startsWith('*') ? comment.value : '';
    }

    function isCold(node) {
      if (node.parent.type === 'MethodDefinition' && node.parent.kind === 'constructor') return true;
      if (node.async && asyncIsCold) return true;
      return /@cold\b/.test(docComment(node));
    }

    /** True when the node stands in a function that runs per packet. */
    function isHot(node) {
      let insideFunction = false;
      for (let at = node.parent; at !== null; at = at.parent) {
        if (!FUNCTION_TYPES.has(at.type)) continue;
        if (isCold(at)) return false;
        // Transparent: at module level such a function runs while the module loads, elsewhere it is as hot as its caller.
        if (at.parent.type === 'CallExpression' && at.parent.arguments.includes(at)) continue;
        insideFunction = true;
      }
      return insideFunction;
    }

    function check(node, why) {
      if (isHot(node)) context.report({ node, messageId: 'hot', data: { why } });
    }

    function checkFunction(node) {
      if (/@cold[ \t]*(\n|\*|$)/.test(docComment(node))) context.report({ node, messageId: 'coldWithoutReason' });
      const isMethod = node.parent.type === 'MethodDefinition';
      if (!isMethod) check(node, FORBIDDEN_NODES[node.type]);
      if (isCold(node)) return;
      if (node.async) context.report({ node, messageId: 'hot', data: { why: 'async costs a promise for every call' } });
      if (node.generator)
        context.report({ node, messageId: 'hot', data: { why: 'a generator allocates for every value' } });
    }

    const visitors = {
      FunctionDeclaration: checkFunction,
      FunctionExpression: checkFunction,
      ArrowFunctionExpression: checkFunction,
      NewExpression(node) {
        if (node.callee.type === 'Identifier' && COLUMN_TYPES.has(node.callee.name)) return;
        check(node, 'new allocates (only columns may grow: typed arrays)');
      },
      Literal(node) {
        if (node.regex !== undefined) check(node, 'a regular expression works on strings');
        if (node.bigint !== undefined) check(node, 'BigInt allocates; use two int32 words');
      },
      BinaryExpression(node) {
        const isText = (side) => side.type === 'Literal' && typeof side.value === 'string';
        if (node.operator === '+' && (isText(node.left) || isText(node.right))) check(node, 'this builds a string');
      },
      CallExpression(node) {
        const callee = node.callee;
        if (callee.type === 'Identifier' && (callee.name === 'BigInt' || callee.name === 'String')) {
          check(node, `${callee.name}() allocates`);
        }
        const isStatic = callee.type === 'MemberExpression' && callee.object.type === 'Identifier';
        if (isStatic && MAKERS.has(callee.object.name)) check(node, `${callee.object.name}'s methods make objects`);
        const isNamed = callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier';
        if (isNamed && COPYING_METHODS.has(callee.property.name)) {
          check(node, `${callee.property.name}() makes a copy, a string, an iterator or a BigInt`);
        }
      },
    };
    for (const [type, why] of Object.entries(FORBIDDEN_NODES)) {
      visitors[type] ??= (node) => check(node, why);
    }
    return visitors;
  },
};

export default { meta: { name: 'podtrail' }, rules: { 'hot-path': rule } };
