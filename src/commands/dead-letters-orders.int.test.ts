import { newId } from '../../tests/support/buyer.ts';
import { type DeadLetterRuns, startDeadLetterRuns } from '../../tests/support/dead-letter-runs.ts';
import * as transitions from '../orders/domain/transitions.ts';
import { orderCollection } from '../orders/store/order-indexes.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createOrderStore } from '../orders/store/order-store.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../platform/mongo/indexes.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';

/** Replays that change orders. */

let rig: DeadLetterRuns;
beforeAll(async () => {
  rig = await startDeadLetterRuns();
});

/** Stores an order that awaits payment, or has expired. Resolves with its id. */
async function storeOrder(status: 'pending' | 'expired'): Promise<string> {
  const orders = createOrderStore(
    orderModel(rig.database),
    ticketModel(rig.database),
    leaveToSweep(() => new Date()),
  );
  const ticket = { id: newId(), title: 'Concert', price: 3, version: 0 };
  const context = { now: new Date() };
  const { order, event } = transitions.place(
    { id: newId(), userId: newId(), ticket, holdMs: 900_000 },
    context,
  );
  await orders.insert(order, event);
  if (status === 'expired') await orders.apply(transitions.expire(order, 'expiry', context));
  return order.id;
}

test('When payments were set aside by 0.1 for the name of their charge, then they are listed, and a replay settles them as the service would', async () => {
  await ensureIndexes([orderCollection(rig.database)]);
  const [pending, expired, late] = [
    await storeOrder('pending'),
    await storeOrder('expired'),
    await storeOrder('expired'),
  ];
  const payments = [
    { id: newId(), orderId: pending, stripeId: 'ch_1' },
    { id: newId(), orderId: expired, chargeId: 'ch_2' },
    { id: 3, orderId: late },
  ];
  const reason = 'not a payment:created: stripeChargeId: Invalid input: expected string, received undefined';
  const letters: string[] = [];
  for (const payment of payments)
    letters.push(await rig.keep('payment:created', Buffer.from(JSON.stringify(payment)), reason));
  const listed = rig
    .run('list')
    .stdout.split('\n')
    .filter((line) => line.includes('not a payment:created'));
  expect(listed.map((line) => line.split(' ')[0])).toEqual(letters);

  const bad = rig.runWith({ LATE_PAYMENT: 'later' }, 'replay', letters[0] as string);
  expect(bad).toMatchObject({ status: 1, stdout: '' });
  expect(bad.stderr).toContain('LATE_PAYMENT must be one of hold_again, refund');
  const [first, second, third] = letters as [string, string, string];
  const replayed = rig.run('replay', first, second);
  expect(replayed.stdout).toBe(`${first}  handled: paid\n${second}  handled: paid\n`);
  expect(rig.runWith({ LATE_PAYMENT: 'refund' }, 'replay', third).stdout).toBe(
    `${third}  handled: refund_due\n`,
  );
  const stored = await orderModel(rig.database)
    .find({ _id: { $in: [pending, expired, late] } })
    .sort('_id')
    .lean();
  expect(
    stored.map(({ status, payments: [payment] }) => [status, payment?.id, payment?.stripeChargeId]),
  ).toEqual([
    ['paid', payments[0]?.id, 'ch_1'],
    ['paid', payments[1]?.id, 'ch_2'],
    ['expired', '3', undefined],
  ]);
  expect(stored[2]?.payments[0]?.refund).toBe('order_expired');
}, 60_000);

test('When a replay expires an order where events are spaced, then the order keeps its hold as in the service', async () => {
  for (const [spacing, keeps] of [
    ['6', true],
    ['0', undefined],
  ] as const) {
    const orderId = await storeOrder('pending');
    await orderModel(rig.database).updateOne({ _id: orderId }, { $set: { expiresAt: new Date(0) } });
    const letter = await rig.keep('expiration:complete', Buffer.from(JSON.stringify({ orderId })));
    rig.runWith({ EVENT_SPACING_SECONDS: spacing }, 'replay', letter);
    const stored = await orderModel(rig.database).findById(orderId).lean();
    expect([stored?.status, stored?.holdsTicket]).toEqual(['expired', keeps]);
  }
}, 60_000);
