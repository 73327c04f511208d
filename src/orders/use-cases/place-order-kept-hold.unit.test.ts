import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import { at, buy, holdMs, type Model, request, ticket } from '../../../tests/support/purchases.ts';
import { spacedOrderStore } from '../../../tests/support/spaced-order-store.ts';

const eventSpacingMs = 6_000;
const spaced = { eventSpacingMs };

/** The model, in which bert has placed an order, and the calls that a purchase makes. */
async function heldByBert() {
  const model = memoryOrderStore(ticket);
  await buy(model.store, { ...request, userId: 'bert' });
  const [held] = model.orders();
  if (!held) throw new Error('nothing was placed');
  return { model, held, kept: spacedOrderStore(model) };
}

/** The same; bert's order was taken over, and keeps its hold. */
async function keptByBert() {
  const { model, kept } = await heldByBert();
  await buy(kept.store, request, holdMs, spaced);
  return { model, kept };
}

/** Counts the calls of some methods of a store. */
function counting(store: Model['store'], ...names: (keyof Model['store'])[]) {
  const calls: string[] = [];
  const counted = names.map((name) => {
    const call = store[name] as (...args: unknown[]) => unknown;
    const count = (...args: unknown[]) => {
      calls.push(name);
      return call(...args);
    };
    return [name, count] as const;
  });
  return { calls, store: { ...store, ...Object.fromEntries(counted) } as Model['store'] };
}

test('When an overdue order is taken over with a spacing, then it keeps its hold, and the buyer is to come back', async () => {
  const { model, held, kept } = await heldByBert();
  const { calls, store } = counting(kept.store, 'loadPurchaseContext', 'insert', 'endKeptHold');
  expect(await buy(store, request, holdMs, spaced)).toEqual({
    outcome: { kind: 'ticket_reserved', availableAt: at(holdMs + eventSpacingMs) },
    calls: ['ticket_reserved'],
  });
  expect(calls).toEqual(['loadPurchaseContext', 'loadPurchaseContext']);
  expect(model.order(held.id)?.history.at(-1)).toMatchObject({ status: 'expired', cause: 'takeover' });
  expect(kept.keptOf(ticket.id)).toMatchObject({ orderId: held.id, isEventPending: true });
});

test('When an overdue order is taken over without a spacing, then one read is enough', async () => {
  const { model } = await heldByBert();
  const { calls, store } = counting(model.store, 'loadPurchaseContext', 'insert');
  expect((await buy(store, request, holdMs)).calls).toEqual(['placed']);
  expect(calls).toEqual(['loadPurchaseContext', 'insert']);
});

test('When a kept hold has no end, then the purchase has it stored, and is refused until then', async () => {
  const { model, kept } = await keptByBert();
  kept.eventLeft(ticket.id);
  const availableAt = at(holdMs + 5 + eventSpacingMs);
  const refused = { outcome: { kind: 'ticket_reserved', availableAt }, calls: ['ticket_reserved'] };
  expect(await buy(kept.store, request, holdMs + 5, spaced)).toEqual(refused);
  expect(kept.keptOf(ticket.id)?.until).toEqual(availableAt);
  expect(await buy(kept.store, request, holdMs + 4 + eventSpacingMs, spaced)).toEqual(refused);
  expect(model.orders()).toHaveLength(1);
});

test('When a kept hold is over, then it ends, and the ticket is the buyer’s', async () => {
  const { model, kept } = await keptByBert();
  kept.eventLeft(ticket.id, at(holdMs + 100));
  expect((await buy(kept.store, request, holdMs + 99, spaced)).calls).toEqual(['ticket_reserved']);
  const { outcome } = await buy(kept.store, request, holdMs + 100, spaced);
  expect(outcome).toMatchObject({ kind: 'placed', order: { userId: 'anna' }, replay: false });
  expect(kept.keptOf(ticket.id)).toBeUndefined();
  expect(model.orders().map(({ status }) => status)).toEqual(['expired', 'pending']);
});

test('When the order that keeps its hold cannot be changed, then the next buyer is to come back', async () => {
  const { model, kept } = await keptByBert();
  kept.eventLeft(ticket.id, at(holdMs));
  const endKeptHold = () => Promise.reject(new Error('its keptUntil is no date'));
  const { calls, store } = counting({ ...kept.store, endKeptHold }, 'insert');
  expect(await buy(store, request, holdMs + 1, spaced)).toEqual({
    outcome: { kind: 'conflict' },
    calls: ['conflict'],
  });
  expect(calls).toEqual([]);
  expect(model.orders()).toHaveLength(1);
});

test('When the overdue order that holds the ticket cannot be changed, then the next buyer is to come back', async () => {
  const { model, held } = await heldByBert();
  const apply = () => Promise.reject(new Error('its history is no array'));
  const { calls, store } = counting({ ...model.store, apply }, 'insert');
  expect(await buy(store, request, holdMs)).toEqual({ outcome: { kind: 'conflict' }, calls: ['conflict'] });
  expect(calls).toEqual([]);
  expect(model.orders()).toEqual([held]);
});
