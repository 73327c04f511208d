/** Tests stand beside the code they test; the servers they need are started once for the whole run. */
export default {
  roots: ['<rootDir>/src', '<rootDir>/dev', '<rootDir>/tests', '<rootDir>/bench'],
  testMatch: ['**/*.{unit,int}.test.ts'],
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  setupFilesAfterEnv: ['<rootDir>/tests/support/at-end.ts'],
  testTimeout: 30_000,
  maxWorkers: 2,
  testSequencer: '<rootDir>/tests/support/long-tests-first.js',
  // A worker keeps what it has compiled for each file: without this both would grow to more than 3 GB.
  workerIdleMemoryLimit: '1GB',
};
