import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { eventually } from '../tests/support/eventually.ts';
import { atEnd } from '../tests/support/lifetime.ts';
import { openDatabase, startTestService, testConfig } from '../tests/support/running-service.ts';

/** Stands before the database and cuts the connection over which an index is first asked for. */
async function startCuttingProxy(mongoUri: string) {
  const { hostname, port } = new URL(mongoUri);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      // Either side ends when the other does; why is of no interest here.
      socket.on('error', () => undefined);
    }
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    server.pipe(client);
    client.on('data', (bytes) => {
      if (cuts === 0 && bytes.includes('createIndexes')) {
        cuts++;
        client.destroy();
      } else server.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const through = new URL(mongoUri);
  through.host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  through.searchParams.delete('replicaSet');
  through.searchParams.set('directConnection', 'true');
  return { uri: through.toString(), cuts: () => cuts };
}

test('When the connection breaks while the indexes are being made, then the start goes on with a new one', async () => {
  const config = testConfig();
  await openDatabase(config);
  const proxy = await startCuttingProxy(config.mongoUri);
  const { url } = await startTestService({ ...config, mongoUri: proxy.uri });
  expect(proxy.cuts()).toBe(1);
  await eventually(async () => (await fetch(`${url}/readyz`)).ok);
}, 40_000);
