import type { ListedOrder, OrderStatus } from '../domain/order.ts';
import type { OrderStore } from '../store/order-store.ts';
import { type Position, writeCursor } from './order-cursor.ts';

/** The largest page, and the size of a page when none is asked for. */
export const maxPageSize = 100;

/** What lists are sorted by, as clients and `LIST_SORT` name it. The first is the default. */
export const listSorts = ['-createdAt', 'createdAt'] as const;
export type ListSort = (typeof listSorts)[number];

export interface ListOrdersDeps {
  orders: Pick<OrderStore, 'list'>;
  /** The sort of lists that nobody gives one. */
  listSort: ListSort;
}

export interface ListOrdersRequest {
  userId: string;
  /** Only orders in one of these statuses. */
  statuses?: readonly OrderStatus[] | undefined;
  sort?: ListSort | undefined;
  /** How many orders the page has at most, 1 to `maxPageSize`. */
  limit?: number | undefined;
  /** Where the page begins, read from the cursor of another page. Any cursor is good in either sort. */
  cursor?: Position | undefined;
  /** With `prev` the page ends at the cursor; without a cursor it is the last page. */
  page?: 'prev' | undefined;
}

export type ListOrdersOutcome =
  /** There are more: `cursor` stands for where the next page begins, or the previous one ends. */
  | {
      kind: 'page';
      orders: ListedOrder[];
      sort: ListSort;
      rel: 'next' | 'prev';
      limit: number;
      cursor: string;
    }
  /** There are no more in the direction of this page. */
  | { kind: 'last_page'; orders: ListedOrder[] };

/**
 * Lists a page of the user's own orders, sorted by the time of their creation; those of one millisecond by their id.
 * Following the cursors shows every order once that was there at the beginning. An order that is placed in between moves
 * no page: it comes at the end of a list that goes on to the newer, and in no other.
 */
export async function listOrders(
  { orders, listSort }: ListOrdersDeps,
  request: ListOrdersRequest,
): Promise<ListOrdersOutcome> {
  const { userId, statuses, sort = listSort, limit = maxPageSize, cursor } = request;
  const rel = request.page ?? (sort === 'createdAt' && isPlainRequest(request) ? 'prev' : 'next');
  // One more than the page holds shows whether there is another one.
  const found = await orders.list({
    userId,
    limit: limit + 1,
    first: (sort === 'createdAt') === (rel === 'next') ? 'oldest' : 'newest',
    ...(statuses && { statuses }),
    ...(cursor && { after: cursor }),
  });
  const read = found.slice(0, limit);
  const last = read.at(-1);
  const page = rel === 'next' ? read : read.toReversed();
  return last && found.length > limit
    ? { kind: 'page', orders: page, sort, rel, limit, cursor: writeCursor(last) }
    : { kind: 'last_page', orders: page };
}

/**
 * Clients that send no more than this follow no Link. Where they expect the oldest first, the first page would hide what
 * a buyer with more orders has just placed, so they get the last one (docs/decisions/0054).
 */
function isPlainRequest({ sort, limit, cursor }: ListOrdersRequest): boolean {
  return sort === undefined && limit === undefined && cursor === undefined;
}
