import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRelease, releaseBefore } from '../../dev/builds.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import { orderCollection } from '../../src/orders/store/order-indexes.ts';
import { orderModel } from '../../src/orders/store/order-model.ts';
import { createOrderStore } from '../../src/orders/store/order-store.ts';
import { recordRefund } from '../../src/orders/use-cases/record-refund.ts';
import { settlePayment } from '../../src/orders/use-cases/settle-payment.ts';
import { leaveToSweep } from '../../src/outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { ticketModel } from '../../src/tickets/store/ticket-model.ts';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { eventually } from '../support/eventually.ts';
import { connectPeer, openDatabase, testConfig } from '../support/running-service.ts';
import { environmentOf, runService } from '../support/service-process.ts';

/** Orders as this release writes them: paid, and to be given back, by payments that name no charge. */
async function storeOrders(config: ReturnType<typeof testConfig>, userId: string) {
  const database = await openDatabase(config);
  await ensureIndexes([orderCollection(database)]);
  const clock = () => new Date();
  const orders = createOrderStore(orderModel(database), ticketModel(database), leaveToSweep(clock));
  const place = async () => {
    const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
    const wanted = { id: newId(), userId, ticket, holdMs: 900_000 };
    const { order, event } = transitions.place(wanted, { now: clock() });
    await orders.insert(order, event);
    return order;
  };
  const [bought, late] = [await place(), await place()];
  await orders.apply(transitions.expire(late, 'expiry', { now: clock() }));
  const deps = { orders, clock, latePayment: 'refund' } as const;
  expect(await settlePayment(deps, bought.id, { id: '1' })).toMatchObject({ kind: 'paid' });
  expect(await settlePayment(deps, late.id, { id: '2' })).toMatchObject({ reason: 'order_expired' });
  return { bought: bought.id, late: late.id, orders };
}

test('When the release before meets orders with payments that named no charge, then it shows, sends, settles, audits and republishes them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orders-before-'));
  atEnd(() => rm(folder, { recursive: true }));
  const { entry } = await buildRelease(releaseBefore, { repository: '.', folder });
  const config = testConfig({ logLevel: 'info' });
  const [peer, userId] = [await connectPeer(config), newId()];
  const { bought, late, orders } = await storeOrders(config, userId);
  const env = environmentOf(config);
  const url = await runService(env, { args: [entry] }).url();
  const refunds = () => peer.seen.filter(({ data }) => data['eventId'] === `${late}:refund:2`);
  await eventually(() => refunds().length === 1, { withinMs: 60_000 });
  expect(refunds()[0]?.data).toMatchObject({ reason: 'order_expired' });
  expect(refunds()[0]?.data).not.toHaveProperty('stripeChargeId');

  for (const [id, status] of [
    [bought, 'paid'],
    [late, 'expired'],
  ]) {
    const answer = await fetch(`${url}/api/orders/${id}`, { headers: signedIn(userId) });
    expect(await answer.json()).toMatchObject({ status });
  }
  // It knows the payment that was given back, and takes another one as it always did.
  for (const id of ['2', '3'])
    await peer.publish('payment:created', { id, orderId: late, stripeChargeId: 'ch' });
  await eventually(async () => (await orders.findById(late))?.status === 'paid', { withinMs: 60_000 });
  expect((await orders.findById(late))?.payments).toMatchObject([
    { id: '2', refund: 'order_expired' },
    { id: '3' },
  ]);

  const run = (command: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'dist', 'commands', `${command}.js`), ...args], {
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
    });
  expect(run('audit').stdout).toContain('payment 2 is to be given back: order_expired');
  expect(run('republish', '--since', '2020-01-01T00:00:00Z').status).toBe(0);
  await eventually(() => refunds().length === 2);
  expect(refunds()[1]?.data).toEqual({ ...refunds()[0]?.data, replayed: true });

  // What this release makes of refunds it shows, and sends the event of.
  const deps = { orders, clock: () => new Date() };
  expect(await recordRefund(deps, late, { id: '2' })).toEqual({ kind: 'refund_completed' });
  expect(await recordRefund(deps, bought, { id: '1' })).toEqual({ kind: 'order_cancelled' });
  await eventually(() => peer.seen.some(({ data }) => data['eventId'] === `${bought}:2`), {
    withinMs: 60_000,
  });
  const shown = await fetch(`${url}/api/orders/${bought}`, { headers: signedIn(userId) });
  expect(await shown.json()).toMatchObject({ status: 'cancelled', version: 2 });
}, 300_000);
