/**
 * esbuild plugin: the page's templates as functions, in place of src/report/page-template.ts.
 *
 * A report would spend some 30 ms on parsing templates that never change, and load the parser for it; what is left is
 * handlebars' runtime. Options and output are those of page-template.ts; test/package compares the two pages.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';

const TEMPLATES = 'templates';
const OPTIONS = { strict: true, preventIndent: true };

function precompile(name) {
  return Handlebars.precompile(readFileSync(join(TEMPLATES, name), 'utf8'), OPTIONS);
}

function pageModule() {
  const partials = readdirSync(join(TEMPLATES, 'partials')).sort();
  const entries = partials.map(
    (file) => `${JSON.stringify(file.replace(/\.hbs$/, ''))}: ${precompile(`partials/${file}`)}`,
  );
  return `
    import Handlebars from 'handlebars/dist/cjs/handlebars.runtime.js';
    const partials = { ${entries.join(',\n')} };
    export function compilePage() {
      const handlebars = Handlebars.create();
      for (const [name, partial] of Object.entries(partials)) handlebars.registerPartial(name, handlebars.template(partial));
      return handlebars.template(${precompile('page.hbs')});
    }`;
}

export const precompiledPage = {
  name: 'precompiled-page',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/]report[\\/]page-template\.ts$/ }, () => ({
      contents: pageModule(),
      resolveDir: '.',
      loader: 'js',
    }));
  },
};
