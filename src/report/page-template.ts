/**
 * The markup of the page, as a function of its view. From source the templates are compiled when they are needed; the bundle has
 * them compiled already, and this file replaced (test/tools/build/precompiled-page.js).
 */
import Handlebars from 'handlebars';
import { readTemplate } from './templates.js';

const PARTIALS = [
  'hero',
  'map',
  'timeline',
  'coverage',
  'clocks',
  'findings',
  'segments',
  'segment-head',
  'segment-row',
  'connections',
  'policies',
  'endpoints',
  'tunnels',
  'wireguard',
  'undecoded',
  'inputs',
] as const;

/** A name that the view lacks is an error, not an empty string. */
export function compilePage<View>(): (view: View) => string {
  const handlebars = Handlebars.create();
  for (const partial of PARTIALS) handlebars.registerPartial(partial, readTemplate(`partials/${partial}.hbs`));
  return handlebars.compile<View>(readTemplate('page.hbs'), { strict: true, preventIndent: true });
}
