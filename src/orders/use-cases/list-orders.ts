import type { ListedOrder, OrderStatus } from '../domain/order.ts';
import type { OrderStore } from '../store/order-store.ts';
import { type Position, writeCursor } from './order-cursor.ts';

/** The largest page, and the size of a page when none is asked for. */
export const maxPageSize = 100;

export interface ListOrdersDeps {
  orders: Pick<OrderStore, 'list'>;
}

export interface ListOrdersRequest {
  userId: string;
  /** Only orders in one of these statuses. */
  statuses?: readonly OrderStatus[] | undefined;
  /** How many orders the page has at most, 1 to `maxPageSize`. */
  limit?: number | undefined;
  /** Where the page begins, read from the cursor of the page before. */
  after?: Position | undefined;
}

export type ListOrdersOutcome =
  /** There are more: `cursor` stands for where the next page begins. */
  | { kind: 'page'; orders: ListedOrder[]; limit: number; cursor: string }
  | { kind: 'last_page'; orders: ListedOrder[] };

/**
 * Lists a page of the user's own orders, newest first; of those created in the same millisecond the one with the higher id
 * comes first. Following the cursors shows every order once that was there at the beginning. An order that is placed in
 * between moves no page.
 */
export async function listOrders(
  { orders }: ListOrdersDeps,
  { userId, statuses, limit = maxPageSize, after }: ListOrdersRequest,
): Promise<ListOrdersOutcome> {
  // One more than the page holds shows whether there is a next one.
  const found = await orders.list({
    userId,
    limit: limit + 1,
    ...(statuses && { statuses }),
    ...(after && { after }),
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return last && found.length > limit
    ? { kind: 'page', orders: page, limit, cursor: writeCursor(last) }
    : { kind: 'last_page', orders: page };
}
