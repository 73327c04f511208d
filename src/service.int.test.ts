import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import mongoose from 'mongoose';
import { atEnd } from '../tests/support/at-end.ts';
import { newId } from '../tests/support/buyer.ts';
import { eventually } from '../tests/support/eventually.ts';
import { startOwnBroker } from '../tests/support/own-broker.ts';
import {
  connectPeer,
  openDatabase,
  secondInstance,
  startTestService,
  testConfig,
} from '../tests/support/running-service.ts';
import { createLog } from './platform/logging/log.ts';

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

test('When the service stops amid messages, then those in hand are finished, and none is handled once more', async () => {
  const nats = await startOwnBroker();
  const config = testConfig();
  config.nats = { ...config.nats, url: nats.url, clusterId: nats.clusterId };
  const database = await openDatabase(config);
  const handled: number[] = [];
  const unfinished: number[] = [];
  const write = (line: string) => {
    const { msg, sequence } = JSON.parse(line) as { msg: string; sequence: number };
    if (msg === 'message handled') handled.push(sequence);
    else if (msg.startsWith('message not handled')) unfinished.push(sequence);
  };
  const log = createLog('debug', { write });
  const first = await startTestService(config, { log });
  const peer = await connectPeer(config);
  const ids = Array.from({ length: 800 }, newId);
  const publishing = ids.map((id) =>
    peer.publish('ticket:created', { id, version: 0, title: 'A', price: 1, userId: 'seller' }),
  );
  await eventually(() => handled.length > 0);
  await first.stop();
  const before = handled.length;
  await Promise.all(publishing);
  await startTestService(secondInstance(config), { log });
  const ours = { _id: { $in: ids.map((id) => new mongoose.Types.ObjectId(id)) } };
  await eventually(async () => (await database.collection('tickets').countDocuments(ours)) === ids.length, {
    withinMs: 40_000,
  });
  // It was amid them, and what it had begun was acknowledged.
  expect(before).toBeLessThan(ids.length);
  await eventually(() => handled.length >= ids.length);
  expect(unfinished).toEqual([]);
  expect(handled.filter((sequence, index) => handled.indexOf(sequence) !== index)).toEqual([]);
}, 90_000);
