import { memoryOrderStore } from '../../../tests/support/memory-order-store.ts';
import { at, buy, holdMs, type Model, other, request, ticket } from '../../../tests/support/purchases.ts';

const third = { ...ticket, id: 'e'.repeat(24) };
const wanted = { ...request, ticketId: third.id };
const limited = { maxPending: 2 };

/** Anna's two slots are taken, by the orders of the first two tickets; the second was placed `laterMs` after the first. */
async function slotsTaken(laterMs: number) {
  const model = memoryOrderStore(ticket, other, third);
  await buy(model.store, request, 0, limited);
  await buy(model.store, { ...request, ticketId: other.id }, laterMs, limited);
  return model;
}

/** The order of the first ticket cannot be changed. */
const withStuckOrder = ({ store }: Model, [stuck]: { id: string }[]): Model['store'] => ({
  ...store,
  apply: async (change) => {
    if (change.expected.id === stuck?.id) throw new Error('its history is no array');
    return store.apply(change);
  },
});

test('When one of two overdue orders cannot be changed, then the slot of the other one is enough', async () => {
  const model = await slotsTaken(0);
  const { calls } = await buy(withStuckOrder(model, model.orders()), wanted, holdMs, limited);
  expect(calls).toEqual(['placed']);
  expect(model.orders().map(({ status }) => status)).toEqual(['pending', 'expired', 'pending']);
  expect(model.orders()[1]?.history.at(-1)).toMatchObject({ cause: 'expiry', at: at(holdMs) });
});

test('When the only overdue order cannot be changed, then the next waits for the first end of the others', async () => {
  const model = await slotsTaken(400);
  const { outcome, calls } = await buy(withStuckOrder(model, model.orders()), wanted, holdMs, limited);
  expect(outcome).toEqual({ kind: 'too_many_pending', limit: 2, availableAt: at(holdMs + 400) });
  expect(calls).toEqual(['too_many_pending']);
  expect(model.orders()).toHaveLength(2);
});
