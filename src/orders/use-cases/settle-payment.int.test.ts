import { newId } from '../../../tests/support/buyer.ts';
import { openDatabase, testConfig } from '../../../tests/support/running-service.ts';
import { leaveToSweep } from '../../outbox/outbox-notifier.ts';
import { ensureIndexes } from '../../platform/mongo/indexes.ts';
import { ticketModel } from '../../tickets/store/ticket-model.ts';
import * as transitions from '../domain/transitions.ts';
import { orderCollection } from '../store/order-indexes.ts';
import { orderModel } from '../store/order-model.ts';
import { createOrderStore, type OrderStore } from '../store/order-store.ts';
import { settlePayment } from './settle-payment.ts';

const now = new Date();
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
let orders: OrderStore;
beforeAll(async () => {
  const database = await openDatabase(testConfig());
  await ensureIndexes([orderCollection(database)]);
  orders = createOrderStore(
    orderModel(database),
    ticketModel(database),
    leaveToSweep(() => now),
  );
});

async function place() {
  const ticket = { id: newId(), title: 'Concert', price: 20, version: 0 };
  const { order, event } = transitions.place(
    { id: newId(), userId: newId(), ticket, holdMs: 60_000 },
    { now },
  );
  await orders.insert(order, event);
  return order;
}

test('When one payment comes 20 times at the same instant, then it is dealt with once', async () => {
  const [pending, over] = [await place(), await place()];
  await orders.apply(transitions.cancel(over, { now }));
  for (const [{ id }, kind] of [
    [pending, 'paid'],
    [over, 'refund_due'],
  ] as const) {
    const deps = { orders, clock: () => now, latePayment: 'hold_again' } as const;
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => settlePayment(deps, id, payment)));
    expect(outcomes.filter((outcome) => outcome.kind === kind)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'known')).toHaveLength(19);
    expect((await orders.findById(id))?.payments).toHaveLength(1);
  }
});
