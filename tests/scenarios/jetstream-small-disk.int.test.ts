import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import supertest from 'supertest';
import { brokerStreams } from '../../src/broker-streams.ts';
import { patient } from '../conformance/broker-under-test.ts';
import { atEnd } from '../support/at-end.ts';
import { placeOrder, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { startJetStream } from '../support/jetstream-service.ts';
import { openDatabase, startTestService } from '../support/running-service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('When the broker has no room for a stream, then that is said, orders are taken, and their events wait for it', async () => {
  const configFile = join(await temporaryFolder(), 'small-disk.conf');
  await writeFile(configFile, 'jetstream { max_file_store: 100MB }');
  const system = await startJetStream(['-c', configFile]);
  const config = system.config();
  const database = await openDatabase(config);
  const { url } = await startTestService(config);
  const readiness = async () => (await supertest(url).get('/readyz')).body as Record<string, unknown>;
  const problem = (stream: string, size: string) =>
    `stream ${stream} is refused (insufficient storage resources available): give the servers room for ${size} on 1 server, or create it with another size (docs/operations.md, "JetStream")`;
  await eventually(async () => 'brokerProblems' in (await readiness()), patient);
  expect(await readiness()).toMatchObject({
    status: 'ready',
    brokerProblems: [problem('ORDERS_TICKETS', '2 GiB'), problem('ORDERS_EVENTS', '4 GiB')],
  });

  const orderId = await placeOrder(url, await storeTicket(database));
  const orders = database.collection<{ outbox: unknown[] }>('orders');
  const waiting = async () => (await orders.findOne({}))?.outbox;
  expect(await waiting()).toEqual([expect.objectContaining({ eventId: `${orderId}:0` })]);

  const connection = await connect({ servers: system.broker.url });
  atEnd(() => connection.close());
  const manager = await jetstreamManager(connection);
  for (const { name, subjects } of brokerStreams)
    await manager.streams.add({ name, subjects: [...subjects], max_bytes: 10_000_000 });
  await eventually(async () => (await waiting())?.length === 0, patient);
  const stored = await manager.streams.getMessage('ORDERS_EVENTS', { last_by_subj: 'order:created' });
  expect(stored?.json()).toMatchObject({ id: orderId });
}, 90_000);
