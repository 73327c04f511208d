import base from '../../jest.config.js';

const { globalSetup: _, globalTeardown: __, ...shared } = base;

/** Tests in a real browser; each file starts what it looks at. */
export default {
  ...shared,
  rootDir: '../..',
  roots: ['<rootDir>/tests/browser'],
  testMatch: ['**/*.browser.ts'],
  testTimeout: 120_000,
  maxWorkers: 1,
};
