import type { mongo } from 'mongoose';
import { signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { connectPeer, openDatabase, testConfig } from '../support/running-service.ts';
import { startWatchedService } from '../support/watch-commands.ts';

const writes = ['insert', 'update', 'delete', 'findAndModify'];
const reads = ['find', 'distinct', 'aggregate', 'count'];

test('When the service serves, then all its writes wait for a majority and its journals, and all reads are of a majority', async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  const commands: mongo.CommandStartedEvent[] = [];
  const { url } = await startWatchedService(config, (command) => void commands.push(command));
  const peer = await connectPeer(config);
  const headers = { ...signedIn(), 'Content-Type': 'application/json' };
  const ask = (method: string, path = '', body?: object) =>
    fetch(`${url}/api/orders${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });

  const placed = await ask('POST', '', { ticketId: await storeTicket(database) });
  expect(placed.status).toBe(201);
  const { id } = (await placed.json()) as { id: string };
  for (const [method, path] of [
    ['GET', `/${id}`],
    ['GET', ''],
    ['DELETE', `/${id}`],
  ] as const)
    expect((await ask(method, path)).ok).toBe(true);
  await peer.publish('payment:created', { id: 'pay-1', orderId: id, stripeChargeId: 'ch_1' });
  await peer.publishRaw('ticket:created', Buffer.from('no ticket'));
  // Its event, and the sweeps, the dead letter and the clearing of outboxes that come with time.
  await eventually(() => peer.seen.some(({ subject }) => subject === 'order:refund-required'));
  // The broker is shared, and others send what cannot be read, too.
  await eventually(async () => (await database.collection('dead_letters').countDocuments()) > 0);
  await fetch(`${url}/metrics`);

  const of = (names: string[]) => commands.filter(({ commandName }) => names.includes(commandName));
  expect(of(writes).length).toBeGreaterThan(5);
  expect(of(reads).length).toBeGreaterThan(5);
  for (const { command } of of(writes)) {
    expect(command).toMatchObject({ writeConcern: { w: 'majority', j: true, wtimeout: 3_000 } });
  }
  for (const { command } of of(reads)) expect(command).toMatchObject({ readConcern: { level: 'majority' } });
});
