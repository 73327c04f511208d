import { readConfig } from '../../src/config.ts';
import { composeServices } from './compose.ts';
import { knownVariables } from './configuration.ts';
import { renderOverlay } from './kustomization.ts';
import { textOf } from './repository.ts';
import { containerOf, workloadNamed } from './workloads.ts';

const { orders, 'orders-on-jetstream': onJetStream, mongo, nats, jetstream } = composeServices();

/** As compose fills it in: the caller gives the key, and leaves out what has a default. */
function environmentOf({ environment }: typeof orders): Record<string, string> {
  const filled = Object.entries(environment).map(([name, value]) => [
    name,
    value.replace(/\$\{\w+:\?.+\}/, 'the key').replace(/\$\{\w+:-(.*)\}/, '$1'),
  ]);
  return Object.fromEntries(filled);
}

describe.each([
  {
    name: 'orders',
    service: orders,
    broker: { nats: { url: 'nats://nats:4222' } },
    needs: ['mongo', 'nats'],
  },
  {
    name: 'orders-on-jetstream',
    service: onJetStream,
    broker: { jetstream: { servers: ['nats://jetstream:4222'], replicas: 1 } },
    needs: ['mongo', 'jetstream'],
  },
])('When $name is started by compose', ({ service, broker, needs }) => {
  test('then the service takes its configuration, finds its broker, and gets nothing that it does not know', () => {
    const { nats: streaming, jetstream: servers } = readConfig(environmentOf(service));
    expect({ ...(streaming && { nats: streaming }), ...(servers && { jetstream: servers }) }).toMatchObject(
      broker,
    );
    expect([streaming, servers].filter(Boolean)).toHaveLength(1);
    expect(Object.keys(service.environment).filter((name) => !knownVariables.includes(name))).toEqual([]);
  });

  test('then what it needs is started before it', () => {
    expect(Object.keys(service.depends_on)).toEqual(needs);
  });

  test('then the key comes from the caller, who gets an error when it is missing', () => {
    expect(service.environment['JWT_KEY']).toMatch(/^\$\{JWT_KEY:\?.+\}$/);
  });

  test('then the service is killed only after it had its delay and its grace', () => {
    const { SHUTDOWN_DELAY_SECONDS: delay, SHUTDOWN_GRACE_SECONDS: grace } = service.environment;
    expect(Number.parseInt(String(service['stop_grace_period']), 10)).toBeGreaterThan(
      Number(delay) + Number(grace),
    );
  });
});

describe('When the containers are started by compose', () => {
  test('then JetStream is there by its profile alone, and the documents say how', () => {
    expect([onJetStream, jetstream].map(({ profiles }) => profiles)).toEqual([['jetstream'], ['jetstream']]);
    expect([orders, mongo, nats].flatMap(({ profiles }) => profiles)).toEqual([]);
    const command = 'docker compose --profile jetstream up --build orders-on-jetstream';
    for (const path of ['compose.yaml', 'docs/deploy.md']) expect(textOf(path)).toContain(command);
  });

  test('then database and broker are the ones that Kubernetes runs', () => {
    const manifests = renderOverlay('prod');
    expect(mongo.image).toBe(containerOf(workloadNamed('orders-mongo', manifests)).image);
    expect(nats.image).toBe(containerOf(workloadNamed('nats', manifests)).image);
  });

  test('then the database is the replica set that the service asks for', () => {
    const { REPLICA_SET: set, REPLICA_SET_HOSTS: hosts } = mongo.environment;
    expect(mongo.command.join(' ')).toContain(`--replSet ${set}`);
    expect(orders.environment['MONGO_URI']).toBe(`mongodb://${hosts}/orders?replicaSet=${set}`);
  });

  test('then nothing listens beyond this machine', () => {
    const ports = [orders, onJetStream, mongo, nats, jetstream].flatMap((service) => service.ports);
    expect(ports).toHaveLength(6);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('then database and broker keep their data on volumes', () => {
    expect(mongo.volumes).toContain('mongo-data:/data/db');
    expect(nats.volumes).toContain('nats-data:/data');
    expect(nats.command).toEqual(expect.arrayContaining(['--store=FILE', '--dir=/data']));
  });
});
