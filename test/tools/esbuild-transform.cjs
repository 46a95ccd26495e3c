/** Jest transformer: strips TypeScript types with esbuild (which is here for the bundle anyway), keeping ES modules. */
const { transformSync } = require('esbuild');
const { createHash } = require('node:crypto');

module.exports = {
  process(source, path) {
    const result = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcemap: 'inline',
      sourcefile: path,
    });
    return { code: result.code };
  },
  getCacheKey(source, path, options) {
    return createHash('sha1')
      .update(source)
      .update('\0')
      .update(path)
      .update('\0')
      .update(options.configString)
      .digest('hex');
  },
};
