import base from './jest.config.js';

/** Tests that load the service, or wait for long: one after the other, so that none is slowed down by another. */
export default {
  ...base,
  testMatch: ['**/*.load.test.ts'],
  maxWorkers: 1,
};
