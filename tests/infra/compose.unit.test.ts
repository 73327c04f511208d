import { composeServices } from './compose.ts';
import { knownVariables, requiredVariables } from './configuration.ts';
import { renderOverlay } from './kustomization.ts';
import { containerOf, workloadNamed } from './workloads.ts';

describe('When the containers are started by compose', () => {
  const { orders, mongo, nats } = composeServices();

  test('then the service gets every variable that it needs, and none that it does not know', () => {
    const names = Object.keys(orders.environment);
    expect(names).toEqual(expect.arrayContaining([...requiredVariables]));
    expect(names.filter((name) => !knownVariables.includes(name))).toEqual([]);
  });

  test('then the key comes from the caller, who gets an error when it is missing', () => {
    expect(orders.environment['JWT_KEY']).toMatch(/^\$\{JWT_KEY:\?.+\}$/);
  });

  test('then the service is killed only after it had its delay and its grace', () => {
    const { SHUTDOWN_DELAY_SECONDS: delay, SHUTDOWN_GRACE_SECONDS: grace } = orders.environment;
    expect(Number.parseInt(String(orders['stop_grace_period']), 10)).toBeGreaterThan(
      Number(delay) + Number(grace),
    );
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
    const ports = [orders, mongo, nats].flatMap((service) => service.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('then database and broker keep their data on volumes', () => {
    expect(mongo.volumes).toContain('mongo-data:/data/db');
    expect(nats.volumes).toContain('nats-data:/data');
    expect(nats.command).toEqual(expect.arrayContaining(['--store=FILE', '--dir=/data']));
  });
});
