import base from './jest.config.js';

/**
 * The tests of what passes between the service and its peers, and of crashes in between, once more: on JetStream. They are
 * the same files; what they start by tests/support is on the broker of the run.
 */
export default {
  ...base,
  testMatch: [
    'src/orders/{http/{place,cancel}-order,listeners/order-listeners}',
    'tests/scenarios/{buyers-race,correlation,event-spacing-services,kept-holds,late-payment}',
    'tests/scenarios/{order,ticket}-crashes',
  ].map((files) => `<rootDir>/${files}.int.test.ts`),
  globalSetup: '<rootDir>/tests/support/jetstream-setup.ts',
};
