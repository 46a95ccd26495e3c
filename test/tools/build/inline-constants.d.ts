import type { Plugin } from 'esbuild';

export class Constants {
  constructor(read: (path: string) => string);
}
export function inlineConstants(path: string, constants: Constants): string;
export const inlineConstantsPlugin: Plugin;
