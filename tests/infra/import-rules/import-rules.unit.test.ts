import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../../support/at-end.ts';
import { pathOf } from '../repository.ts';
import { benchFolders, soundTree, type Tree, withImport, writeTree } from './small-tree.ts';

interface Plant {
  what: string;
  file: string;
  imported: string;
  /** The names of the rules that it breaks; none else is broken. */
  broken: string[];
}

const circle = 'no-circle-of-folders';

const plants: Plant[] = [
  plant('a circle of files', 'src/platform/time/clock.ts', './deadline.ts', ['no-circle']),
  plant('a circle of two folders', 'src/platform/time/date.ts', '../http/errors.ts', [circle]),
  plant('a circle of three folders', 'src/platform/time/date.ts', '../openapi/json.ts', [circle]),
  plant('a circle through a folder below', 'src/messaging/listener.ts', './nats-streaming/connection.ts', [
    'nothing-from-a-folder-below',
  ]),
  plant('an import from a folder below', 'src/platform/time/date.ts', './zones/utc.ts', [
    'nothing-from-a-folder-below',
  ]),
  plant('messaging in the platform', 'src/platform/time/date.ts', '../../messaging/broker.ts', [
    circle,
    'platform-imports-nothing-else',
  ]),
  plant('the outbox in messaging', 'src/messaging/listener.ts', '../outbox/relay.ts', [
    'messaging-imports-platform',
    circle,
  ]),
  plant('orders in the outbox', 'src/outbox/sweep.ts', '../orders/domain/order.ts', [
    'outbox-imports-platform-messaging',
  ]),
  plant('orders in tickets', 'src/tickets/domain/title.ts', '../../orders/domain/order.ts', [
    circle,
    'tickets-imports-platform-messaging-outbox',
  ]),
  plant('the audit in orders', 'src/orders/domain/change.ts', '../../audit/audit.ts', [
    circle,
    'orders-imports-platform-messaging-outbox-tickets',
  ]),
  plant('metrics in the audit', 'src/audit/count.ts', '../metrics/metrics.ts', [
    'audit-imports-platform-messaging-outbox-tickets-orders',
    'only-the-service-knows-metrics',
  ]),
  plant('the audit in metrics', 'src/metrics/count.ts', '../audit/audit.ts', [
    'metrics-imports-platform-messaging-outbox-tickets-orders',
  ]),
  plant('the service in a command', 'src/commands/start.ts', '../service.ts', ['commands-import-no-service']),
  plant('an endpoint in a use case', 'src/orders/use-cases/cancel.ts', '../http/post-order.ts', [
    circle,
    'use-cases-imports-store-domain',
  ]),
  plant("the platform's HTTP in a use case", 'src/orders/use-cases/cancel.ts', '../../platform/http/app.ts', [
    'use-cases-know-no-transport',
  ]),
  plant('a use case in a store', 'src/orders/store/list.ts', '../../tickets/use-cases/replicate-ticket.ts', [
    'store-imports-domain',
  ]),
  plant('a store in the domain', 'src/orders/domain/change.ts', '../store/order-store.ts', [
    'domain-imports-no-other-layer',
    circle,
  ]),
  plant('messaging in the domain', 'src/orders/domain/change.ts', '../../messaging/broker.ts', [
    'domain-stays-pure',
  ]),
  plant('a listener in an endpoint', 'src/orders/http/get-order.ts', '../listeners/paid.ts', [
    'http-imports-use-cases-store-domain',
  ]),
  plant('an endpoint in a listener', 'src/orders/listeners/expired.ts', '../http/post-order.ts', [
    'listeners-imports-use-cases-store-domain',
  ]),
  plant('the adapter above the port', 'src/outbox/sweep.ts', '../messaging/nats-streaming/connection.ts', [
    'one-broker-adapter',
  ]),
  plant(
    'the adapter in a command',
    'src/commands/run-audit.ts',
    '../messaging/nats-streaming/connection.ts',
    ['one-broker-adapter'],
  ),
  plant('the other adapter above the port', 'src/outbox/sweep.ts', '../messaging/jetstream/connection.ts', [
    'one-broker-adapter',
  ]),
  plant('an adapter in the other', 'src/messaging/jetstream/session.ts', '../nats-streaming/connection.ts', [
    'adapters-know-no-other-adapter',
  ]),
  plant("JetStream's library above its adapter", 'src/messaging/listener.ts', '@nats-io/transport-node', [
    '@nats-io-has-its-place',
  ]),
  plant("the broker's library above its adapter", 'src/messaging/listener.ts', 'node-nats-streaming', [
    'node-nats-streaming-has-its-place',
  ]),
  plant('the database in a use case', 'src/orders/use-cases/cancel.ts', 'mongoose', [
    'mongoose-has-its-place',
  ]),
  plant('express in a listener', 'src/orders/listeners/expired.ts', 'express', ['express-has-its-place']),
  plant('the metrics library in the outbox', 'src/outbox/sweep.ts', 'prom-client', [
    'prom-client-has-its-place',
  ]),
  plant('zod in request validation', 'src/platform/http/body.ts', 'zod', ['requests-are-decided-by-chains']),
  plant('dev code in the product', 'src/platform/time/date.ts', '../../../dev/stand-ins/peer.ts', [
    'the-product-knows-no-dev-code',
  ]),
  plant('a package for development in the product', 'src/platform/time/date.ts', 'supertest', [
    'no-dev-dependencies-in-the-product',
  ]),
  plant('the benchmark in dev', 'dev/stand-ins/locks.ts', '../../bench/main.ts', [circle, 'dev-imports-src']),
  plant('support for tests in the benchmark', 'bench/report/table.ts', '../../tests/support/eventually.ts', [
    'bench-imports-dev-and-src',
  ]),
  plant('a program of dev in its folder', 'dev/embedded/stack.ts', '../index.ts', [
    'folders-of-dev-import-no-program',
  ]),
  plant('a program of bench in its folder', 'bench/report/table.ts', '../main.ts', [
    'folders-of-bench-import-no-program',
  ]),
  plant('stand-ins in the embedded servers', 'dev/embedded/stack.ts', '../stand-ins/peer.ts', [
    'dev-embedded-imports-folders-before-it',
  ]),
  plant('the storefront in a stand-in', 'dev/stand-ins/locks.ts', '../storefront/feed.ts', [
    circle,
    'dev-stand-ins-imports-folders-before-it',
  ]),
  ...benchFolders
    .slice(0, -1)
    .map((folder, index) =>
      plant(
        `${benchFolders[index + 1]} in ${folder} of bench`,
        `bench/${folder}/table.ts`,
        `../${benchFolders[index + 1]}/part.ts`,
        [`bench-${folder}-imports-folders-before-it`],
      ),
    ),
];

function plant(what: string, file: string, imported: string, broken: string[]): Plant {
  return { what, file, imported, broken };
}

/** For each of the trees the names of the rules that it breaks. */
function brokenRules(trees: Tree[]): string[][] {
  const folder = mkdtempSync(join(tmpdir(), 'orders-import-rules-'));
  atEnd(() => rm(folder, { recursive: true }));
  const roots = trees.map((tree, index) => {
    const root = join(folder, String(index));
    writeTree(root, tree);
    return root;
  });
  const script = pathOf('tests/infra/import-rules/cruise-trees.mjs');
  const args = [script, pathOf('.dependency-cruiser.cjs'), ...roots];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as string[][];
}

const planted = plants.map(({ file, imported }) => withImport(file, imported));
const [ofSoundTree, ...ofPlanted] = brokenRules([soundTree, ...planted]);

test('When every import goes the right way, then no rule is broken', () => {
  expect(ofSoundTree).toEqual([]);
});

test.each(plants.map((one, index) => ({ ...one, found: ofPlanted[index] })))(
  'When there is $what, then npm run imports fails',
  ({ broken, found }) => {
    expect(new Set(found)).toEqual(new Set(broken));
  },
);

test('When a rule is added, then something that breaks it is planted here', () => {
  const { forbidden } = createRequire(__filename)(pathOf('.dependency-cruiser.cjs')) as {
    forbidden: { name: string }[];
  };
  expect(new Set(plants.flatMap(({ broken }) => broken))).toEqual(new Set(forbidden.map(({ name }) => name)));
});
