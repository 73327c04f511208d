import mongoose from 'mongoose';
import { freePort } from '../../dev/embedded/free-port.ts';
import type { Config } from '../../src/config.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { atEnd } from '../support/lifetime.ts';
import { startOwnDatabase } from '../support/own-database.ts';
import { connectPeer, openDatabase, secondInstance, testConfig } from '../support/running-service.ts';
import { environmentOf, runService } from '../support/service-process.ts';
import { startRoundRobin } from './round-robin.ts';

const connections = 64;
const ticketCount = 20_000;

test('When both replicas are restarted in turn under load, then no request fails and every event is sent', async () => {
  const { uri: mongoUri } = await startOwnDatabase();
  const first = testConfig({ mongoUri, shutdownDelayMs: 1_000, port: await freePort() });
  const configs = [first, { ...secondInstance(first), port: await freePort() }];
  const database = await openDatabase(first);
  const peer = await connectPeer(first);
  const ticketIds = Array.from({ length: ticketCount }, () => new mongoose.Types.ObjectId());
  await database
    .collection('tickets')
    .insertMany(ticketIds.map((_id) => ({ _id, title: 'Concert', price: 20, version: 0 })));

  const urlOf = ({ port }: Config) => `http://127.0.0.1:${port}`;
  const processes = configs.map((config) => runService(environmentOf(config)));
  const client = startRoundRobin(configs.map(urlOf), connections);
  atEnd(() => client.stop());
  for (const config of configs) await client.seesReady(urlOf(config), true);

  const enough = new AbortController();
  const failures: string[] = [];
  const placed: string[] = [];
  const cancelled: string[] = [];
  const buy = async () => {
    while (!enough.signal.aborted && failures.length === 0) {
      const headers = { ...signedIn(newId()), 'Content-Type': 'application/json' };
      try {
        const ticketId = ticketIds.pop()?.toHexString();
        const order = await client.send('POST', '/api/orders', {
          headers,
          body: JSON.stringify({ ticketId }),
        });
        const { id } = order.body as { id: string };
        if (order.status !== 201) throw new Error(`${order.status} for a purchase`);
        placed.push(id);
        const shown = await client.send('GET', `/api/orders/${id}`, { headers });
        if (shown.status !== 200) throw new Error(`${shown.status} for an order`);
        const ended = await client.send('DELETE', `/api/orders/${id}`, { headers });
        if (ended.status !== 204) throw new Error(`${ended.status} for a cancellation`);
        cancelled.push(id);
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const load = Promise.all(Array.from({ length: connections }, buy));

  const goesOn = async () => {
    const before = placed.length;
    const answered = () => placed.length >= before + connections || failures.length > 0;
    await eventually(answered, { withinMs: 30_000 });
    expect(failures).toEqual([]);
  };

  for (const [number, config] of configs.entries()) {
    await goesOn();
    processes[number]?.kill('SIGTERM');
    await client.seesReady(urlOf(config), false);
    expect(await processes[number]?.exitCode).toBe(0);
    processes[number] = runService(environmentOf(config));
    await client.seesReady(urlOf(config), true);
  }
  await goesOn();
  enough.abort();
  await load;

  expect(failures).toEqual([]);
  for (const service of processes) service.kill('SIGTERM');
  for (const service of processes) expect(await service.exitCode).toBe(0);
  const orders = database.collection('orders');
  expect(await orders.countDocuments({ relayDueAt: { $gt: new Date(0) } })).toBe(0);
  const told = (subject: string) =>
    new Set(peer.seen.filter((event) => event.subject === subject).map(({ data }) => data['id']));
  await eventually(() => placed.every((id) => told('order:created').has(id)), { everyMs: 500 });
  await eventually(() => cancelled.every((id) => told('order:cancelled').has(id)), { everyMs: 500 });
}, 180_000);
