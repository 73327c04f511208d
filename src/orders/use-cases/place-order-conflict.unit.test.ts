import mongoose from 'mongoose';
import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import { buy, holdMs, type Model, request, ticket } from '../../../tests/support/purchases.ts';
import { identifyPurchase } from '../store/idempotency.ts';

const subjects = ({ events }: Model) => events.map(({ subject }) => subject);

/** Writes what it is given the first time, and says that it has not: what a repeated write of the driver looks like. */
function repeatedWrite({ store }: Model): Model['store'] {
  let inserts = 0;
  return {
    ...store,
    insert: async (...args) => {
      const written = await store.insert(...args);
      return inserts++ === 0 ? 'refused' : written;
    },
  };
}

test('When a purchase without a key has its write repeated by the driver, then it gets its own order', async () => {
  const model = memoryOrderStore(ticket);
  const { outcome, calls } = await buy(repeatedWrite(model), request);
  const [order] = model.orders();
  expect(outcome).toEqual({ kind: 'placed', order, replay: false });
  expect(model.orders()).toHaveLength(1);
  expect(subjects(model)).toEqual(['order:created']);
  expect(calls).toEqual(['placed']);
});

test('When a purchase with a key has its write repeated by the driver, then it gets its own order', async () => {
  const model = memoryOrderStore(ticket);
  const { outcome, calls } = await buy(repeatedWrite(model), { ...request, idempotencyKey: 'k' });
  expect(outcome).toMatchObject({ kind: 'placed', order: { userId: 'anna' }, replay: true });
  expect(model.orders()).toHaveLength(1);
  // It looks like a replay, and is not counted as a new order.
  expect(calls).toEqual([]);
});

test('When a purchase without a key reads for the first time, then it does not ask for an order that cannot be', async () => {
  const model = memoryOrderStore(ticket);
  const asked: (string | undefined)[] = [];
  const loadPurchaseContext: Model['store']['loadPurchaseContext'] = (wanted) => {
    asked.push(wanted.orderId);
    return model.store.loadPurchaseContext(wanted);
  };
  await buy({ ...repeatedWrite(model), loadPurchaseContext }, request);
  expect(asked).toEqual([undefined, model.orders()[0]?.id]);

  await buy({ ...model.store, loadPurchaseContext }, { ...request, idempotencyKey: 'k' });
  expect(asked.slice(2)).toEqual([identifyPurchase({ ...request, idempotencyKey: 'k' }).orderId]);
});

test('When somebody else is faster with the write, then the purchase is decided on what is there then', async () => {
  const model = memoryOrderStore(ticket);
  let views = 0;
  const loadPurchaseContext: Model['store']['loadPurchaseContext'] = async (wanted) => {
    const view = await model.store.loadPurchaseContext(wanted);
    if (views++ === 0) await buy(model.store, { ...request, userId: 'bert' });
    return view;
  };
  const { outcome, calls } = await buy({ ...model.store, loadPurchaseContext }, request);
  expect(outcome).toMatchObject({ kind: 'ticket_reserved', holdingOrder: { userId: 'bert' } });
  expect(calls).toEqual(['ticket_reserved']);
});

test('When every write comes too late, then the purchase gives up and says so', async () => {
  const model = memoryOrderStore(ticket);
  let inserts = 0;
  const insert = async () => {
    inserts++;
    return 'refused' as const;
  };
  const { outcome, calls } = await buy({ ...model.store, insert }, request);
  expect(outcome).toEqual({ kind: 'conflict' });
  expect(calls).toEqual(['conflict']);
  expect(inserts).toBe(8);
});

test('When the database is away as a hold is to be taken over, then the purchase fails and nothing is placed', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request, userId: 'bert' });
  const apply = async () => {
    throw new mongoose.mongo.MongoNetworkError('the database is away');
  };
  await expect(buy({ ...model.store, apply }, request, holdMs)).rejects.toThrow('the database is away');
  expect(model.orders()).toHaveLength(1);
});

test('When a repair by hand has left a hold whose end is no time, then the next buyer is to come back', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request, userId: 'bert' });
  const loadPurchaseContext: Model['store']['loadPurchaseContext'] = async (wanted) => {
    const { holdingOrder: order, ...found } = await model.store.loadPurchaseContext(wanted);
    return {
      ...found,
      ...(order && { holdingOrder: { ...order, expiresAt: 'tomorrow' as unknown as Date } }),
    };
  };
  expect(await buy({ ...model.store, loadPurchaseContext }, request)).toEqual({
    outcome: { kind: 'conflict' },
    calls: ['conflict'],
  });
});
