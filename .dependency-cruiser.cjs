/**
 * Imports go one way: platform <- messaging <- outbox <- tickets <- orders <- audit, metrics <- the service; inside a noun
 * domain <- store <- use-cases <- http, listeners. The rules name folders, so a file's place says what it may import.
 */
const folders = ['platform', 'messaging', 'outbox', 'tickets', 'orders'];

/** Under `root`, a folder imports itself and those before it. The programs directly under `root` import all of them. */
const inOrder = (root, ordered) => [
  {
    name: `folders-of-${root}-import-no-program`,
    severity: 'error',
    from: { path: `^${root}/[^/]+/` },
    to: { path: `^${root}/[^/]+$` },
  },
  ...ordered.slice(0, -1).map((folder, position) => ({
    name: `${root}-${folder}-imports-folders-before-it`,
    severity: 'error',
    from: { path: `^${root}/${folder}/` },
    to: { path: `^${root}/(${ordered.slice(position + 1).join('|')})/` },
  })),
];

/** A folder imports itself and those before it in the order. What stands directly under src is the service's. */
const mayImport = (folder, others) => ({
  name: `${folder}-imports-${others.join('-') || 'nothing-else'}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...others].join('|')})/` },
});

/** Of its own noun, and of other nouns, a layer imports the layers before it. */
const layerImports = (layer, others) => ({
  name: `${layer}-imports-${others.join('-') || 'no-other-layer'}`,
  severity: 'error',
  from: { path: `^src/(tickets|orders)/${layer}/` },
  to: { path: '^src/(tickets|orders)/', pathNot: `^src/(tickets|orders)/(${[layer, ...others].join('|')})/` },
});

/** Only these folders import the package. */
const onlyIn = (packages, places, comment) => ({
  name: `${packages.split('|')[0]}-has-its-place`,
  ...(comment && { comment }),
  severity: 'error',
  from: { path: '^(src|dev|bench)/', pathNot: places },
  to: { path: `node_modules/(${packages})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-circle-of-folders',
      comment: 'Sees circles between the same two folders only; the rules of order below catch the others.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-from-a-folder-below',
      comment: 'A folder below knows the one above: an adapter its port, and never the other way round.',
      severity: 'error',
      from: { path: '^src/(.+)/[^/]+$' },
      to: { path: '^src/$1/[^/]+/' },
    },
    ...folders.map((folder, position) => mayImport(folder, folders.slice(0, position))),
    mayImport('audit', folders),
    mayImport('metrics', folders),
    {
      name: 'commands-import-no-service',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: '^src/(metrics/|(index|service)\\.ts$)' },
    },
    layerImports('domain', []),
    layerImports('store', ['domain']),
    layerImports('use-cases', ['store', 'domain']),
    layerImports('http', ['use-cases', 'store', 'domain']),
    layerImports('listeners', ['use-cases', 'store', 'domain']),
    {
      name: 'domain-stays-pure',
      comment: 'Rules know no database, no broker and no HTTP; zod describes the events.',
      severity: 'error',
      from: { path: '^src/(tickets|orders)/domain/' },
      to: {
        path: ['^src/(platform|messaging|outbox)/', 'node_modules/'],
        pathNot: ['^src/platform/schemas/', 'node_modules/zod/'],
      },
    },
    {
      name: 'use-cases-know-no-transport',
      severity: 'error',
      from: { path: '^src/(tickets|orders)/(use-cases|store)/' },
      to: { path: '^src/platform/(http|openapi)/' },
    },
    {
      name: 'only-the-service-knows-metrics',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/metrics/' },
      to: { path: '^src/metrics/' },
    },
    {
      name: 'one-broker-adapter',
      comment:
        'What is above the port does not know which broker it is. What stands directly under src chooses one.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/messaging/' },
      to: { path: '^src/messaging/(nats-streaming|jetstream)/' },
    },
    {
      name: 'adapters-know-no-other-adapter',
      severity: 'error',
      from: { path: '^src/messaging/(nats-streaming|jetstream)/' },
      to: { path: '^src/messaging/(nats-streaming|jetstream)/', pathNot: '^src/messaging/$1/' },
    },
    onlyIn('node-nats-streaming', ['^src/messaging/nats-streaming/', '^(dev|bench)/']),
    onlyIn('@nats-io', ['^src/messaging/jetstream/', '^(dev|bench)/']),
    onlyIn(
      'mongoose|mongodb',
      [
        '^src/platform/mongo/',
        '^src/(tickets|orders)/store/',
        '^src/audit/',
        '^src/messaging/(dead-letters|replicas)/',
        '^(dev|bench)/',
      ],
      'Queries are in the stores.',
    ),
    onlyIn('express|express-validator|cookie-session|jsonwebtoken', [
      '^src/platform/(http|openapi)/',
      '^src/orders/http/',
      '^src/metrics/',
      '^src/[^/]+$',
      '^(dev|bench)/',
    ]),
    onlyIn(
      'prom-client',
      ['^src/metrics/'],
      'The parts call functions that they are given; only metrics knows what is made of it.',
    ),
    {
      name: 'requests-are-decided-by-chains',
      comment:
        'By express-validator (docs/decisions/0047). zod is for the environment, messages and described answers.',
      severity: 'error',
      from: { path: '^src/platform/http/' },
      to: { path: 'node_modules/zod/' },
    },
    {
      name: 'the-product-knows-no-dev-code',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(dev|tests|bench)/' },
    },
    { name: 'dev-imports-src', severity: 'error', from: { path: '^dev/' }, to: { path: '^(bench|tests)/' } },
    {
      name: 'bench-imports-dev-and-src',
      severity: 'error',
      from: { path: '^bench/' },
      to: { path: '^tests/' },
    },
    ...inOrder('dev', ['embedded', 'stand-ins', 'storefront']),
    ...inOrder('bench', [
      ...['report', 'baseline', 'fixtures', 'jobs', 'environment', 'scenarios', 'measurements'],
    ]),
    {
      name: 'no-dev-dependencies-in-the-product',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    // Tests stand beside their files and may import whatever they need.
    exclude: { path: '\\.test\\.ts$' },
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
