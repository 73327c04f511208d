/**
 * `npm run test:mutants` makes one small change after another to the rules, the use cases and what the stores make of
 * documents, and runs the unit tests over each. A change that no test notices shows a test that is missing, or is named
 * in docs/mutants.md with the reason why it changes nothing.
 */
export default {
  testRunner: 'jest',
  jest: { configFile: 'tests/mutants/jest.config.js' },
  plugins: ['@stryker-mutator/jest-runner', './tests/mutants/ignorers.js'],
  ignorers: ['descriptions', 'stored-shapes'],
  mutate: [
    'src/orders/domain/order.ts',
    'src/orders/domain/change-context.ts',
    'src/orders/domain/transitions.ts',
    'src/orders/domain/order-event.ts',
    'src/orders/domain/order-created-event.ts',
    'src/orders/domain/order-cancelled-event.ts',
    'src/orders/domain/order-paid-event.ts',
    'src/orders/domain/refund-required-event.ts',
    'src/orders/domain/hold-extended-event.ts',
    'src/orders/domain/extend-hold.ts',
    'src/orders/domain/event-time.ts',
    'src/orders/domain/decide-purchase.ts',
    'src/orders/domain/pending-limit.ts',
    'src/orders/http/order-view.ts',
    'src/orders/use-cases/order-cursor.ts',
    'src/orders/store/order-model.ts',
    'src/orders/store/order-record.ts',
    'src/orders/domain/rebuild-events.ts',
    'src/orders/store/idempotency.ts',
    'src/orders/use-cases/take-over.ts',
    'src/orders/use-cases/retry-on-conflict.ts',
    'src/orders/use-cases/place-order.ts',
    'src/orders/use-cases/cancel-order.ts',
    'src/orders/use-cases/extend-order.ts',
    'src/orders/use-cases/settle-payment.ts',
    'src/tickets/domain/ticket.ts',
    'src/tickets/use-cases/replicate-ticket.ts',
    'src/tickets/use-cases/drain-parked.ts',
    'src/tickets/use-cases/parked-scan.ts',
    'src/orders/use-cases/list-orders.ts',
    'src/orders/use-cases/show-order.ts',
    'src/audit/audit-order.ts',
  ],
  // The sandbox gets what these tests read, and nothing else.
  ignorePatterns: [
    '**',
    '!src/**',
    '!tests/{support,mutants}/**',
    '!jest.config.js',
    '!package.json',
    '!tsconfig.json',
  ],
  // What docs/mutants.md names is all that may be left.
  thresholds: { high: 100, low: 98, break: 95 },
  // A change that makes a loop endless is to be told from a busy machine.
  timeoutMS: 10_000,
  coverageAnalysis: 'perTest',
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  concurrency: 2,
};
