/** The licences of everything that ends up in the bundle, as one text: a bundle must carry the notices of what it holds. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** Folders of the packages that gave at least one file to the bundle, sorted: `node_modules/yargs`, `node_modules/yargs/node_modules/cliui`. */
function bundledPackages(metafile) {
  const folders = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
      if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
    }
  }
  return [...folders].sort();
}

function licenceText(folder, name) {
  const files = readdirSync(folder)
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
  if (files.length === 0) return `(${name} ships no licence file; its package.json names the licence above.)`;
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
}

/** Text of THIRD-PARTY-NOTICES; throws when a package states no licence at all. */
export function thirdPartyNotices(metafile) {
  const sections = new Map();
  for (const folder of bundledPackages(metafile)) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof license !== 'string')
      throw new Error(`${folder}/package.json states no licence; do not bundle it unseen.`);
    sections.set(`${name} ${version}`, `${name} ${version} (${license})\n\n${licenceText(folder, name)}`);
  }
  const ruler = `\n\n${'-'.repeat(80)}\n\n`;
  const names = [...sections.keys()].sort();
  const head = `podtrail contains parts of the following ${names.length} packages, each under its own licence.`;
  return `${[head, ...names.map((name) => sections.get(name))].join(ruler)}\n`;
}
