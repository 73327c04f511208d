import { createServer } from 'node:net';
import { atEnd } from '../tests/support/at-end.ts';
import { readSettings } from './settings.ts';

const read = (environment: NodeJS.ProcessEnv) =>
  readSettings({ PORT: '0', STOREFRONT_PORT: '0', ...environment }, 'a key');

async function portInUse(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  atEnd(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('it listens on a port');
  return address.port;
}

test('When nothing is wrong, then there are two ports, and the service gets the hold', async () => {
  const { port, storefrontPort, variables } = await read({ ORDER_HOLD_SECONDS: '5' });
  expect(storefrontPort).not.toBe(port);
  expect(variables).toMatchObject({ PORT: String(port), ORDER_HOLD_SECONDS: '5' });
});

test('When nothing else is said, then a hold can be extended by as much as a hold', async () => {
  const extension = async (environment: NodeJS.ProcessEnv) =>
    (await read({ ORDER_HOLD_SECONDS: '5', ...environment })).variables['ORDER_EXTENSION_SECONDS'];
  expect(await extension({})).toBe('5');
  expect(await extension({ ORDER_EXTENSION_SECONDS: '0' })).toBe('0');
});

test('When no address is given, then service and shop listen on this machine alone', async () => {
  const settings = await read({});
  expect([settings.listenAddress, settings.variables['LISTEN_ADDRESS']]).toEqual(['127.0.0.1', '127.0.0.1']);
  const open = await read({ LISTEN_ADDRESS: '0.0.0.0' });
  expect([open.listenAddress, open.variables['LISTEN_ADDRESS']]).toEqual(['0.0.0.0', '0.0.0.0']);
});

// The second is reserved for documentation (RFC 5737).
test.each(['localhost', '192.0.2.1'])(
  'When LISTEN_ADDRESS is %s, then the error says what it must be',
  async (value) => {
    await expect(read({ LISTEN_ADDRESS: value })).rejects.toThrow('LISTEN_ADDRESS must be an IP address');
  },
);

test.each(['http', '-1', '65536', '80.5'])(
  'When STOREFRONT_PORT is %s, then the error says what it must be',
  async (value) => {
    await expect(read({ STOREFRONT_PORT: value })).rejects.toThrow(
      'STOREFRONT_PORT must be a whole number from 0 to 65535',
    );
  },
);

test('When several settings are bad, then all of them are named at once', async () => {
  const reading = read({ STOREFRONT_PORT: 'x', ORDER_HOLD_SECONDS: '0', PORT: 'y' });
  await expect(reading).rejects.toThrow(/PORT.*\n.*ORDER_HOLD_SECONDS.*\n.*STOREFRONT_PORT/);
});

test('When both have the same port, then that is an error', async () => {
  await expect(read({ PORT: '4000', STOREFRONT_PORT: '4000' })).rejects.toThrow(
    'STOREFRONT_PORT must be another one than PORT',
  );
});

test.each(['PORT', 'STOREFRONT_PORT'])(
  'When the port of %s is in use, then the variable is named',
  async (name) => {
    const port = await portInUse();
    await expect(read({ [name]: String(port) })).rejects.toThrow(
      `port ${port} is in use: set ${name} to another one`,
    );
  },
);

test('When the peers are classic, then the service is told, and nothing else where they are not', async () => {
  const environment = { PORT: '0', STOREFRONT_PORT: '0' };
  const classic = await readSettings(environment, 'a key', 'classic');
  expect([classic.peers, classic.variables['PEERS']]).toEqual(['classic', 'classic']);
  const others = await readSettings(environment, 'a key');
  expect([others.peers, others.variables['PEERS']]).toEqual([undefined, undefined]);
});

test('When nothing is said of the broker, then it is NATS Streaming, and the service has a client id', async () => {
  const { broker, variables } = await read({});
  expect([broker, variables['NATS_CLIENT_ID']]).toEqual([
    'nats-streaming',
    expect.stringMatching(/^orders-dev-/),
  ]);
});

test.each([
  { BROKER: 'jetstream' },
  { JETSTREAM_URL: 'nats://broker.example' },
  { BROKER: 'jetstream', JETSTREAM_URL: 'nats://broker.example' },
])(
  'When the environment has %j, then the broker is JetStream, and nothing of the other is set',
  async (environment) => {
    const { broker, variables } = await read(environment);
    expect([broker, Object.keys(variables).filter((name) => name.startsWith('NATS'))]).toEqual([
      'jetstream',
      [],
    ]);
  },
);

test('When BROKER is none that there is, then the error says what is right, beside the other problems', async () => {
  const reading = read({ BROKER: 'kafka', STOREFRONT_PORT: 'x' });
  await expect(reading).rejects.toThrow(
    /BROKER must be jetstream or nats-streaming \(or be left out\), not "kafka"\n.*STOREFRONT_PORT/,
  );
});

test.each([
  [
    { BROKER: 'jetstream', NATS_URL: 'nats://broker.example' },
    'NATS_URL is the address of another broker than BROKER=jetstream',
  ],
  [
    { BROKER: 'nats-streaming', JETSTREAM_URL: 'nats://broker.example' },
    'JETSTREAM_URL is the address of another',
  ],
  [
    { JETSTREAM_URL: 'nats://a.example', NATS_CLUSTER_ID: 'x' },
    'NATS_CLUSTER_ID must not be set beside JETSTREAM_URL',
  ],
  [{ JETSTREAM_URL: 'broker.example' }, 'JETSTREAM_URL must be'],
  [{ NATS_URL: 'broker.example' }, 'NATS_URL must be'],
])(
  'When the environment has %j, then the error says so before anything is started',
  async (environment, error) => {
    await expect(read(environment)).rejects.toThrow(error);
  },
);

test.each([{ BROKER: 'jetstream' }, { JETSTREAM_URL: 'nats://broker.example' }])(
  'When the peers are classic and the environment has %j, then the error says that they need the other broker',
  async (environment) => {
    await expect(readSettings(environment, 'a key', 'classic')).rejects.toThrow(
      '--peers classic needs NATS Streaming',
    );
  },
);
