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
