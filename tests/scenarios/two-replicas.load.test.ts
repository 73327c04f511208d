import { signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { connectPeer, openDatabase, startTwoServices, testConfig } from '../support/running-service.ts';

const lanes = 32;
const orders = 4_000;

test('When thousands of orders are placed at one replica and cancelled at the other right away, then no event comes twice', async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  const peer = await connectPeer(config);
  const replicas = await startTwoServices(config);
  const buyer = { ...signedIn(), 'Content-Type': 'application/json' };
  let next = 0;
  const buy = async () => {
    while (next++ < orders) {
      const [first, second] = next % 2 > 0 ? replicas : replicas.toReversed();
      const body = JSON.stringify({ ticketId: await storeTicket(database) });
      const placed = await fetch(`${first?.url}/api/orders`, { method: 'POST', headers: buyer, body });
      const { id } = (await placed.json()) as { id: string };
      const gone = await fetch(`${second?.url}/api/orders/${id}`, { method: 'DELETE', headers: buyer });
      expect([placed.status, gone.status]).toEqual([201, 204]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, buy));
  const waiting = () => database.collection('orders').countDocuments({ relayDueAt: { $gt: new Date(0) } });
  await eventually(async () => (await waiting()) === 0, { withinMs: 60_000, everyMs: 500 });
  const ids = new Set((await database.collection('orders').find().toArray()).map(({ _id }) => String(_id)));
  const ours = () => peer.seen.filter(({ data }) => ids.has(String(data['id'])));
  await eventually(() => ours().length >= 2 * orders);
  const eventIds = ours().map(({ data }) => data['eventId']);
  expect(eventIds).toHaveLength(2 * orders);
  expect(new Set(eventIds).size).toBe(2 * orders);
  await Promise.all(replicas.map((replica) => replica.stop()));
}, 180_000);
