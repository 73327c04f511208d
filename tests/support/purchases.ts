import type { PurchaseRequest } from '../../src/orders/domain/purchase.ts';
import { type PlaceOrderDeps, placeOrder } from '../../src/orders/use-cases/place-order.ts';
import type { memoryOrderStore } from './memory-order-store.ts';

/** When the purchases begin. */
export const start = new Date('2030-01-01T00:00:00Z');
export const at = (ms: number) => new Date(start.getTime() + ms);
export const holdMs = 1_000;
export const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
export const other = { ...ticket, id: 'd'.repeat(24) };
export const request = { userId: 'anna', ticketId: ticket.id };
export type Model = ReturnType<typeof memoryOrderStore>;

/** Buys at `ms` after the start, and keeps what the use case calls back with. */
export async function buy(
  orders: PlaceOrderDeps['orders'],
  wanted: PurchaseRequest,
  ms = 0,
  settings: Pick<PlaceOrderDeps, 'maxPending' | 'cooldownMs' | 'eventSpacingMs'> = {},
) {
  const calls: string[] = [];
  const outcome = await placeOrder(
    {
      orders,
      clock: () => at(ms),
      holdMs,
      ...settings,
      onPlaced: () => calls.push('placed'),
      onRefused: (reason) => calls.push(reason),
    },
    wanted,
  );
  return { outcome, calls };
}
