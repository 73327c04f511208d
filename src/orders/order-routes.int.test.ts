import supertest from 'supertest';
import { newId, signedIn, storeTicket } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  startTestService,
  testConfig,
} from '../../tests/support/running-service.ts';

const config = testConfig();

test('When a buyer places an order, then it holds the ticket and order:created goes out', async () => {
  const database = await openDatabase(config);
  const service = await startTestService(config);
  const peer = await connectPeer(config);
  const ticketId = await storeTicket(database);
  const buyer = signedIn();
  const placed = await supertest(service.url).post('/api/orders').set(buyer).send({ ticketId });
  expect(placed.body).toMatchObject({ status: 'pending', version: 0 });
  expect(placed.status).toBe(201);
  const refused = await supertest(service.url).post('/api/orders').set(signedIn()).send({ ticketId });
  expect(refused.status).toBe(409);
  await eventually(() => peer.seen.some(({ data }) => data['eventId'] === `${placed.body.id}:0`));
  await supertest(service.url).delete(`/api/orders/${placed.body.id}`).set(buyer).expect(204);
  await eventually(() => peer.seen.some(({ data }) => data['eventId'] === `${placed.body.id}:1`));
  await peer.publish('ticket:updated', { id: ticketId, version: 1, title: 'New', price: 5, userId: newId() });
  await eventually(async () => (await database.collection('tickets').findOne({ title: 'New' })) !== null);
  await eventually(
    async () => (await database.collection('orders').countDocuments({ relayDueAt: { $exists: true } })) === 0,
  );
});
