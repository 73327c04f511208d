import { existsSync } from 'node:fs';
import { composeServices } from './compose.ts';
import { renderOverlay } from './kustomization.ts';
import { pathOf, textOf } from './repository.ts';
import { argumentsOf, containerOf, quantity, valuesOf, workloadNamed } from './workloads.ts';

const heartbeats = { hbi: '5s', hbt: '5s', hbf: '2' };
const embedded = 'dev/embedded/nats-streaming.ts';

/** The options of the server, by name; written as `-name=value`, or as one argument after the other. */
function optionsOf(args: string[]): Record<string, string> {
  const options = args.flatMap((arg, position) => {
    const [, name, value = args[position + 1]] = /^--?(\w+)(?:=(.*))?$/.exec(arg) ?? [];
    return name && value !== undefined ? [[name, value] as const] : [];
  });
  return Object.fromEntries(options);
}

/** A size as the server reads it: its units are powers of 1024. @throws when it is none, or left out */
function bytes(size = ''): number {
  return quantity(size.replace(/([MG])B$/, '$1i'));
}

describe.each(['dev', 'prod'])('When the overlay %s is applied', (overlay) => {
  const manifests = renderOverlay(overlay);
  const nats = workloadNamed('nats', manifests);
  const options = optionsOf(argumentsOf(containerOf(nats)));

  test('then the broker gives up a dead client within seconds', () => {
    expect(options).toMatchObject(heartbeats);
  });

  test('then it is the cluster that the service connects to, at the ports of its service', () => {
    const { NATS_CLUSTER_ID, NATS_URL } = valuesOf(containerOf(workloadNamed('orders', manifests)));
    expect(NATS_CLUSTER_ID).toBe('ticketing');
    expect(options['cluster_id']).toBe(NATS_CLUSTER_ID);
    expect(NATS_URL).toBe('nats://nats-srv:4222');
    expect(containerOf(nats).ports).toContainEqual({
      name: 'monitoring',
      containerPort: Number(options['http_port']),
    });
  });

  test('then its store is a folder of a volume that holds every channel filled', () => {
    expect(options).toMatchObject({ store: 'FILE', dir: '/data', max_age: '0s' });
    expect(containerOf(nats).volumeMounts).toEqual([{ name: 'data', mountPath: '/data' }]);
    const [volume] = nats.spec.volumeClaimTemplates;
    expect(quantity(volume?.spec.resources.requests.storage ?? '')).toBeGreaterThan(
      Number(options['max_channels']) * bytes(options['max_bytes']),
    );
  });

  test('then a channel has room for its messages before it is full of bytes', () => {
    const measuredBytesPerEvent = 361;
    expect(Number(options['max_msgs']) * measuredBytesPerEvent).toBeLessThanOrEqual(
      bytes(options['max_bytes']),
    );
  });
});

describe('When the broker runs elsewhere', () => {
  test('then compose starts it with the options of the cluster', () => {
    const cluster = optionsOf(argumentsOf(containerOf(workloadNamed('nats', renderOverlay('prod')))));
    expect(optionsOf(composeServices().nats.command)).toEqual(cluster);
  });

  if (existsSync(pathOf(embedded))) {
    test('then the embedded one has the same heartbeats', () => {
      const literals = [...textOf(embedded).matchAll(/'(-?[\w.]+)'/g)].map(([, text = '']) => text);
      expect(optionsOf(literals)).toMatchObject(heartbeats);
    });
  }
});
