/** Jest runs the TypeScript sources as ES modules; types are checked apart, by `npm run typecheck`. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '<rootDir>/test/tools/esbuild-transform.cjs' },
  transformIgnorePatterns: ['/node_modules/'],
  coverageProvider: 'babel',
  collectCoverageFrom: ['src/**/*.ts'],
  testTimeout: 120_000,
  maxWorkers: 2,
};
