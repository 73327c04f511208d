import base from './jest.config.js';

/**
 * The tests of what passes between the service and its peers, and of crashes in between, once more: on JetStream. They are
 * the same files; what they start by tests/support is on the broker of the run.
 */
const files = [
  'src/orders/http/cancel-order',
  'src/orders/http/place-order',
  'src/orders/listeners/order-listeners',
  'tests/scenarios/buyers-race',
  'tests/scenarios/correlation',
  'tests/scenarios/event-spacing-services',
  'tests/scenarios/kept-holds',
  'tests/scenarios/late-payment',
  'tests/scenarios/extension-crashes',
  'tests/scenarios/operator-crashes',
  'tests/scenarios/order-crashes',
  'tests/scenarios/refund-crashes',
  'tests/scenarios/ticket-crashes',
];

export default {
  ...base,
  testMatch: files.map((file) => `<rootDir>/${file}.int.test.ts`),
  globalSetup: '<rootDir>/tests/support/jetstream-setup.ts',
};
