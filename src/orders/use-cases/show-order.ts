import type { Order } from '../domain/order.ts';
import type { OrderStore } from '../store/order-store.ts';

export interface ShowOrderDeps {
  orders: Pick<OrderStore, 'findById'>;
}

export interface ShowOrderRequest {
  userId: string;
  orderId: string;
}

export type ShowOrderOutcome =
  | { kind: 'found'; order: Order }
  | { kind: 'not_found' }
  /** The order is of another user. */
  | { kind: 'not_owner' };

/** Shows a user one of their own orders, with its history. Changes nothing: an overdue order may still be pending. */
export async function showOrder(
  { orders }: ShowOrderDeps,
  { userId, orderId }: ShowOrderRequest,
): Promise<ShowOrderOutcome> {
  const order = await orders.findById(orderId);
  if (!order) return { kind: 'not_found' };
  return order.userId === userId ? { kind: 'found', order } : { kind: 'not_owner' };
}
