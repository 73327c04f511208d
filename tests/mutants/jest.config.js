import base from '../../jest.config.js';

/** The tests that need neither database nor broker: `npm run test:mutants` runs them hundreds of times. */
const { globalSetup: _setUp, globalTeardown: _tearDown, ...withoutServers } = base;

export default {
  ...withoutServers,
  rootDir: '../..',
  // A change is tried with the tests that reach its file: jest follows imports in these folders only.
  roots: ['<rootDir>/src', '<rootDir>/tests/support'],
  testMatch: ['**/src/{orders,tickets,audit}/**/*.unit.test.ts'],
  // It loads the whole API description, and is of none of the files that are changed.
  testPathIgnorePatterns: ['order-endpoints'],
  testTimeout: 10_000,
  maxWorkers: 1,
};
