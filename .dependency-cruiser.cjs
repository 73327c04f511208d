/** Imports go one way: pure model <- store <- use case <- routes and listeners <- service <- index. */
const tests = '\\.test\\.ts$';
const pure =
  '^src/(orders/(order|order-change|order-events|order-view|order-cursor)|tickets/ticket|messaging/(contracts|broker))\\.ts$';
const stores = '^src/.+-(model|store|queries|skips)\\.ts$';
const useCases =
  '^src/(orders/(place-order|pending-limit|cancel-order|settle-payment|expire-orders|attempts)|tickets/(replicate-ticket|close-stale-gaps|settle-gaps))\\.ts$';
const edges = '^src/(http/|.+-(routes|requests|refusals|listeners)\\.ts$)';
const top = '^src/((index|service|serve-orders|loops|config)\\.ts$|commands/)';

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-stays-pure',
      comment: 'Rules know no database, no broker and no HTTP.',
      severity: 'error',
      from: { path: pure },
      to: { path: [stores, useCases, edges, top, 'node_modules/(?!zod)', '^src/(database|outbox)/'] },
    },
    {
      name: 'stores-know-no-use-case',
      severity: 'error',
      from: { path: stores },
      to: { path: [useCases, edges, top, 'node_modules/(express|node-nats-streaming)'] },
    },
    {
      name: 'use-cases-know-no-transport',
      severity: 'error',
      from: { path: useCases },
      to: { path: [edges, top, 'node_modules/(express|express-validator|node-nats-streaming)/'] },
    },
    {
      name: 'only-the-service-wires',
      severity: 'error',
      from: { path: '^src/', pathNot: [top, tests] },
      to: { path: top },
    },
    {
      name: 'one-broker-adapter',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/messaging/nats-', tests] },
      to: { path: 'node_modules/node-nats-streaming/' },
    },
    {
      name: 'one-way-to-the-database',
      comment: 'Queries are in the stores; idempotency.ts alone makes an ObjectId.',
      severity: 'error',
      from: { path: '^src/', pathNot: [stores, '^src/(database|orders/idempotency|http/probes)', tests] },
      to: { path: 'node_modules/(mongoose|mongodb)/' },
    },
    {
      name: 'requests-are-decided-by-chains',
      comment:
        'By express-validator (docs/decisions/0047). zod is for the environment, messages and described answers.',
      severity: 'error',
      from: { path: '^src/(http/|.+-(requests|routes)\\.ts$)', pathNot: tests },
      to: { path: 'node_modules/zod/' },
    },
    {
      name: 'the-driver-comes-with-mongoose',
      comment:
        'mongoose.mongo has it. Two files need what that does not have: the connection class and its errors.',
      severity: 'error',
      from: {
        path: '^(src|dev|bench)/',
        pathNot: ['^src/database/driver-connection\\.ts$', '^src/database/failures\\.unit\\.test\\.ts$'],
      },
      to: { path: 'node_modules/mongodb/' },
    },
    {
      name: 'one-way-to-the-metrics',
      comment:
        'The parts tell functions that they are given what happens; src/metrics alone knows what is made of it.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/metrics/', tests] },
      to: { path: 'node_modules/prom-client/' },
    },
    {
      name: 'metrics-only-watch',
      comment: 'Of the parts they watch they know the types, and what there is to count.',
      severity: 'error',
      from: { path: '^src/metrics/', pathNot: tests },
      to: {
        path: ['^src/', 'node_modules/(?!prom-client)'],
        pathNot: ['^src/metrics/', pure, '^src/time/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-the-service-knows-metrics',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/metrics/', top, tests] },
      to: { path: '^src/metrics/' },
    },
    {
      name: 'the-product-knows-no-dev-code',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: '^(dev|tests|bench)/' },
    },
    {
      name: 'no-dev-dependencies-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
