/**
 * The files of templates/: the markup, style sheet and script of the HTML page, and where they are.
 *
 * They lie beside the bundle when it runs from dist/, and at the top of the repository when it runs from source.
 */
import { readFileSync } from 'node:fs';
import type { PageScript } from './html/page-script.js';

const FOLDERS = [new URL('./templates/', import.meta.url), new URL('../../templates/', import.meta.url)];

/** Text of a file in templates/, with its place. */
function findTemplate(name: string): { readonly url: URL; readonly text: string } {
  let reason: unknown;
  for (const folder of FOLDERS) {
    const url = new URL(name, folder);
    try {
      return { url, text: readFileSync(url, 'utf8') };
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(`templates/${name} is missing from this installation`, { cause: reason });
}

export function readTemplate(name: string): string {
  return findTemplate(name).text;
}

/** Parts of the page's script, each after those that it imports. */
const SCRIPTS = [
  'figures.js',
  'states.js',
  'capture-filters.js',
  'path.js',
  'path-diagram.js',
  'policy.js',
  'segments.js',
  'hops.js',
  'page.js',
];
const IMPORT = /^(?:import|export) \{[^}]*\} from '\.\/[^']*';\n/gm;

/** The page's script as one module that imports nothing. */
export function readPageScript(): string {
  return SCRIPTS.map((name) => readTemplate(name).replace(IMPORT, '')).join('\n');
}

/** The page's own script as a module: it renders the first rows here as it renders all others in the browser. */
export async function loadPageScript(): Promise<PageScript> {
  return (await import(findTemplate('page.js').url.href)) as PageScript;
}
