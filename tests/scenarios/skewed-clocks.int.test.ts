import mongoose from 'mongoose';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { signedIn, storeTicket } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import {
  connectPeer,
  openDatabase,
  secondInstance,
  startTestService,
  testConfig,
} from '../support/running-service.ts';

const skewMs = 500;
const rounds = 6;
const buyersPerService = 15;

test('When two services’ clocks are half a second apart and buyers race at the end of holds, then nothing is sold twice and holds end at most that much early', async () => {
  const config = testConfig();
  const database = await openDatabase(config);
  let now = Date.now();
  const slow = await startTestService(config, { clock: () => new Date(now) });
  const fast = await startTestService(secondInstance(config), { clock: () => new Date(now + skewMs) });
  const peer = await connectPeer(config);
  const ticketId = await storeTicket(database);
  const body = JSON.stringify({ ticketId });
  const buy = async (url: string) => {
    const headers = { ...signedIn(), 'Content-Type': 'application/json' };
    return (await fetch(`${url}/api/orders`, { method: 'POST', headers, body })).status;
  };
  const race = () =>
    Promise.all(Array.from({ length: buyersPerService }, () => [buy(slow.url), buy(fast.url)]).flat());
  const collection = database.collection<OrderRecord>('orders');
  const holders = () => collection.find({ status: 'pending' }).toArray();

  expect(await buy(slow.url)).toBe(201);
  for (let round = 1; round <= rounds; round++) {
    const [holder] = await holders();
    if (!holder) throw new Error('nobody holds the ticket');
    now = holder.expiresAt.getTime() - skewMs - 1;
    expect(new Set(await race())).toEqual(new Set([409]));
    // From here on to its end the hold is over for the fast service alone.
    now += 1 + (round % 3) * (skewMs / 2);
    expect((await race()).filter((status) => status === 201)).toHaveLength(1);
    expect(await holders()).toHaveLength(1);
  }

  const orders = await collection.find({ ticketId: new mongoose.Types.ObjectId(ticketId) }).toArray();
  expect(orders).toHaveLength(rounds + 1);
  for (const { _id, expiresAt, history } of orders.filter(({ status }) => status === 'expired')) {
    expect(history).toHaveLength(2);
    // By its own clock no service ends a hold early.
    expect(history[1]?.at.getTime()).toBeGreaterThanOrEqual(expiresAt.getTime());
    await eventually(() => peer.seen.some(({ data }) => data['eventId'] === `${_id.toHexString()}:1`));
  }
}, 60_000);
