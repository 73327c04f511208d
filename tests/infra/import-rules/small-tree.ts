import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What each file imports, by the file's path. */
export type Tree = Record<string, string[]>;

/** The folders of bench, each of which imports those before it. */
export const benchFolders = [
  ...['report', 'baseline', 'fixtures', 'jobs', 'environment', 'scenarios', 'measurements'],
];

/** The project's folders in small. Every import is one that the folder may have. */
export const soundTree: Tree = {
  'src/platform/time/clock.ts': [],
  'src/platform/time/deadline.ts': ['./clock.ts'],
  'src/platform/time/zones/utc.ts': [],
  'src/platform/schemas/text.ts': ['zod'],
  'src/platform/mongo/connect.ts': ['../time/clock.ts', 'mongoose'],
  'src/platform/http/app.ts': ['../time/clock.ts', 'express'],
  'src/platform/http/errors.ts': [],
  'src/platform/openapi/response.ts': ['../http/app.ts'],
  'src/platform/openapi/json.ts': [],
  'src/messaging/broker.ts': ['../platform/time/clock.ts'],
  'src/messaging/nats-streaming/connection.ts': ['../broker.ts', 'node-nats-streaming'],
  'src/messaging/jetstream/connection.ts': ['../broker.ts', '@nats-io/transport-node'],
  'src/messaging/dead-letters/dead-letter-store.ts': ['../broker.ts', 'mongoose'],
  'src/outbox/relay.ts': ['../messaging/broker.ts'],
  'src/tickets/domain/ticket.ts': ['../../platform/schemas/text.ts', 'zod'],
  'src/tickets/store/ticket-store.ts': ['../domain/ticket.ts', 'mongoose'],
  'src/tickets/use-cases/replicate-ticket.ts': ['../store/ticket-store.ts', '../domain/ticket.ts'],
  'src/tickets/listeners/created.ts': ['../use-cases/replicate-ticket.ts', '../../messaging/broker.ts'],
  'src/orders/domain/order.ts': ['../../tickets/domain/ticket.ts'],
  'src/orders/store/order-store.ts': ['../domain/order.ts', '../../outbox/relay.ts', 'mongoose'],
  'src/orders/use-cases/place-order.ts': ['../store/order-store.ts', '../../tickets/store/ticket-store.ts'],
  'src/orders/http/post-order.ts': ['../use-cases/place-order.ts', '../../platform/http/app.ts', 'express'],
  'src/orders/listeners/paid.ts': ['../use-cases/place-order.ts', '../../messaging/broker.ts'],
  'src/audit/audit.ts': ['../orders/store/order-store.ts', 'mongoose'],
  'src/metrics/metrics.ts': ['../outbox/relay.ts', 'prom-client'],
  'src/commands/run-audit.ts': ['../audit/audit.ts', '../messaging/broker.ts'],
  'src/service.ts': [
    './metrics/metrics.ts',
    './messaging/nats-streaming/connection.ts',
    './orders/http/post-order.ts',
  ],
  'src/index.ts': ['./service.ts'],
  'dev/index.ts': ['../src/service.ts', 'mongoose', 'supertest'],
  'dev/stand-ins/peer.ts': [],
  'dev/storefront/feed.ts': ['../stand-ins/peer.ts'],
  'tests/support/eventually.ts': [],
  'bench/main.ts': ['../dev/index.ts'],
  ...Object.fromEntries(benchFolders.map((folder) => [`bench/${folder}/part.ts`, []])),
};

/** The sound tree, in which `file` imports one thing more; `file` may be a new one. */
export function withImport(file: string, imported: string): Tree {
  return { ...soundTree, [file]: [...(soundTree[file] ?? []), imported] };
}

const packages = {
  dependencies: [
    'zod',
    'mongoose',
    'express',
    'node-nats-streaming',
    '@nats-io/transport-node',
    'prom-client',
  ],
  devDependencies: ['supertest'],
};

/** Writes the tree into the folder `root`, and beside it what is needed to find the packages. */
export function writeTree(root: string, tree: Tree): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const atAnyVersion = (names: string[]) => Object.fromEntries(names.map((name) => [name, '*']));
  const dependencies = atAnyVersion(packages.dependencies);
  const devDependencies = atAnyVersion(packages.devDependencies);
  write('package.json', JSON.stringify({ type: 'module', dependencies, devDependencies }));
  write('tsconfig.json', JSON.stringify({ compilerOptions: { module: 'nodenext', noEmit: true } }));
  for (const name of [...packages.dependencies, ...packages.devDependencies]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  for (const [path, imports] of Object.entries(tree)) {
    write(path, [...imports.map((name) => `import '${name}';`), 'export {};'].join('\n'));
  }
}
