import mongoose from 'mongoose';
import { startExpirationService } from '../../examples/peers/expiration.ts';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { type PeerExample, startBesideExample } from '../support/peer-example.ts';

/** The expiration service of docs/peers.md, beside the real orders service. */

let example: PeerExample;
beforeAll(async () => {
  example = await startBesideExample(['expiration:complete']);
  const service = await startExpirationService(example);
  atEnd(() => service.stop());
});

const hintsOf = (orderId: string) => example.sent.filter(({ data }) => data['orderId'] === orderId);
const jobs = () => example.connection.collection<{ _id: string; dueAt: Date }>('jobs');
const jobOf = (orderId: string) => jobs().findOne({ _id: orderId });
const order = (id: string) =>
  example.api.database.collection('orders').findOne({ _id: new mongoose.Types.ObjectId(id) });

/** Makes the job due now, and waits for its hint. */
async function due(orderId: string): Promise<void> {
  await jobs().updateOne({ _id: orderId }, { $set: { dueAt: new Date() } });
  await eventually(async () => hintsOf(orderId).length === 1 && (await jobOf(orderId)) === null);
}

test('When an order is placed, then its hint waits for the end of the hold, and then the order expires', async () => {
  const { id, expiresAt } = await example.api.place(signedIn());
  await eventually(async () => (await jobOf(id)) !== null);
  expect((await jobOf(id))?.dueAt.toISOString()).toBe(expiresAt);
  expect(hintsOf(id)).toEqual([]);
  example.api.pass(901_000);
  await due(id);
  await eventually(async () => (await order(id))?.['status'] === 'expired');
});

test('When the event comes again, then there is one job and one hint', async () => {
  const { id } = await example.api.place(signedIn());
  await eventually(async () => (await jobOf(id)) !== null);
  const [created] = example.peer.seen.filter(({ data }) => data['id'] === id);
  await example.peer.publish('order:created', created?.data);
  await example.peer.publish('order:created', created?.data);
  await eventually(() => example.peer.seen.filter(({ data }) => data['id'] === id).length === 3);
  await example.settled();
  expect(await jobs().countDocuments({ _id: id })).toBe(1);
  await due(id);
});

test('When the order was cancelled before, or is none of the service, then the hint changes nothing', async () => {
  const buyer = signedIn();
  const { id } = await example.api.place(buyer);
  await example.api.http.delete(`/api/orders/${id}`).set(buyer).expect(204);
  await eventually(async () => (await jobOf(id)) !== null);
  await due(id);
  const [hint] = hintsOf(id);
  await example.peer.publish('expiration:complete', hint?.data);
  await example.peer.publish('expiration:complete', { orderId: newId() });
  // Handled after those: another order, whose hint takes effect.
  const { id: next } = await example.api.place(buyer);
  await eventually(async () => (await jobOf(next)) !== null);
  example.api.pass(901_000);
  await due(next);
  await eventually(async () => (await order(next))?.['status'] === 'expired');
  expect(await order(id)).toMatchObject({ status: 'cancelled', version: 1 });
});

test('When the broker does not take a hint, then the next pass sends it', async () => {
  const errors = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const { id } = await example.api.place(signedIn());
  await eventually(async () => (await jobOf(id)) !== null);
  example.failNextPublish();
  await due(id);
  expect(errors).toHaveBeenCalledTimes(1);
  errors.mockRestore();
});
