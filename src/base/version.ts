/** The version of podtrail, as in package.json (a test holds them together): for `--version` and for report documents. */
export const VERSION = '0.1.0';
