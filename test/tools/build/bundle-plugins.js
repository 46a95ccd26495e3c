/** esbuild plugins for packages that do not bundle well as they are. Each says what it saves or mends. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * yargs and its helpers measure text with string-width 7 and 8, which set up ICU's segmenter and emoji tables when they load
 * (a third of the CPU time of `podtrail --version`). They get string-width 4, which is here for the tables anyway and gives the
 * same widths for what help texts hold.
 */
export const lightStringWidth = {
  name: 'light-string-width',
  setup(build) {
    build.onResolve({ filter: /^string-width$/ }, () => ({ path: require.resolve('string-width') }));
  },
};

/**
 * jsdom looks for its worker for synchronous requests beside its own file, which is not there in a bundle. It accepts null,
 * and no page of ours makes a request.
 */
export const withoutSyncRequests = {
  name: 'without-sync-requests',
  setup(build) {
    build.onLoad({ filter: /[\\/]jsdom[\\/].*XMLHttpRequest-impl\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = source.replace(/require\.resolve\("\.\/xhr-sync-worker\.js"\)/, 'null');
      if (contents === source)
        throw new Error(`${path}: the line about xhr-sync-worker.js has changed; look at it again.`);
      return { contents, loader: 'js' };
    });
  },
};

/** Packages of jsdom that serve what a drawing never does: requests, sockets, cookies, foreign encodings and host names, CSS colours. */
const NOT_FOR_DRAWINGS = [
  '@asamuzakjp/css-color',
  'http-proxy-agent',
  'https-proxy-agent',
  'iconv-lite',
  'tldts',
  'tough-cookie',
  'tr46',
  'ws',
];

/** Whatever is asked of it is a class, so that modules load; a call of one throws. */
const ABSENT = `
  const absent = new Proxy(class Absent {}, {
    get: (target, name) => (typeof name === 'symbol' || name === '__esModule' || name in target ? target[name] : absent),
  });
  module.exports = absent;`;

/**
 * jsdom is loaded for one empty document to draw in. A fifth of its code (character tables, the public suffix list, a WebSocket)
 * cannot be reached from there, and takes an eighth of the time that loading takes.
 */
export const lightDom = {
  name: 'light-dom',
  setup(build) {
    const names = NOT_FOR_DRAWINGS.map((name) => name.replace(/[/-]/g, '\\$&'));
    build.onResolve({ filter: new RegExp(`^(${names.join('|')})$`) }, ({ path }) => ({ path, namespace: 'absent' }));
    build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: ABSENT, loader: 'js' }));
  },
};
