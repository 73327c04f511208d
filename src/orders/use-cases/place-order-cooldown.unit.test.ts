import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import { at, buy, holdMs, type Model, other, request, ticket } from '../../../tests/support/purchases.ts';
import * as transitions from '../domain/transitions.ts';
import type { PurchaseQuery } from '../store/purchase-context-store.ts';

const cooldownMs = 60_000;
const settings = { cooldownMs: () => cooldownMs };

function only(model: Model) {
  const [order] = model.orders();
  if (!order) throw new Error('nothing was placed');
  return order;
}

test('When a buyer asks again for the ticket whose time ran out, then the order expires, and it is for others', async () => {
  const model = memoryOrderStore(ticket, other);
  await buy(model.store, request, 0, settings);
  const again = await buy(model.store, request, holdMs, settings);
  expect(again).toEqual({
    outcome: { kind: 'cooldown', availableAt: at(holdMs + cooldownMs) },
    calls: ['cooldown'],
  });
  expect(only(model)).toMatchObject({ status: 'expired', version: 1 });
  expect(only(model).history.at(-1)).toMatchObject({ cause: 'expiry' });
  expect(model.orders()).toHaveLength(1);

  const elsewhere = await buy(model.store, { ...request, ticketId: other.id }, holdMs, settings);
  const others = await buy(model.store, { ...request, userId: 'bert' }, holdMs, settings);
  expect([elsewhere.calls, others.calls]).toEqual([['placed'], ['placed']]);
});

test('When an order with a key is over, then its repetition is answered during the cooldown, too', async () => {
  const model = memoryOrderStore(ticket);
  const wanted = { ...request, idempotencyKey: 'k' };
  await buy(model.store, wanted, 0, settings);
  await model.store.apply(transitions.expire(only(model), 'expiry', { now: at(holdMs) }));
  expect((await buy(model.store, wanted, holdMs, settings)).outcome).toMatchObject({
    kind: 'placed',
    replay: true,
    order: { status: 'expired' },
  });
  expect((await buy(model.store, request, holdMs, settings)).calls).toEqual(['cooldown']);
});

test('When the order ends between the two reads, then they are made again, and the purchase is refused', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request }, 0, settings);
  const order = only(model);
  const queries: PurchaseQuery[] = [];
  const racing: Model['store'] = {
    ...model.store,
    async loadPurchaseContext(query) {
      queries.push(query);
      const before = await model.store.loadPurchaseContext(query);
      if (queries.length > 1) return before;
      await model.store.apply(transitions.expire(order, 'takeover', { now: at(holdMs) }));
      const after = await model.store.loadPurchaseContext(query);
      return { ...after, ...(before.earlierOrders && { earlierOrders: before.earlierOrders }) };
    },
  };
  expect((await buy(racing, request, holdMs, settings)).calls).toEqual(['cooldown']);
  expect(queries).toHaveLength(2);
});

test('When others want the ticket at the same moment and it is free, then what was left out is read before the order is placed', async () => {
  const model = memoryOrderStore(ticket);
  await buy(model.store, request, 0, settings);
  await model.store.apply(transitions.expire(only(model), 'expiry', { now: at(holdMs) }));
  const crowded: Model['store'] = {
    ...model.store,
    async loadPurchaseContext(query) {
      const { earlierOrders, ...context } = await model.store.loadPurchaseContext(query);
      return { ...context, ...(!query.mayOmitEarlier && earlierOrders && { earlierOrders }) };
    },
  };
  expect((await buy(crowded, request, holdMs, settings)).calls).toEqual(['cooldown']);
  expect((await buy(crowded, { ...request, userId: 'bert' }, holdMs, settings)).calls).toEqual(['placed']);
});

test('When there is no cooldown, then nobody reads the earlier orders, and the ticket can be held again', async () => {
  const model = memoryOrderStore(ticket);
  const queries: PurchaseQuery[] = [];
  const watched: Model['store'] = {
    ...model.store,
    loadPurchaseContext(query) {
      queries.push(query);
      return model.store.loadPurchaseContext(query);
    },
  };
  await buy(watched, request);
  expect((await buy(watched, request, holdMs, { cooldownMs: () => 0 })).calls).toEqual(['placed']);
  expect(queries.some((query) => 'maxEarlierOrders' in query)).toBe(false);
  expect(model.orders()[0]?.history.at(-1)).toMatchObject({ cause: 'takeover' });
});
