import mongoose, { type QueryFilter } from 'mongoose';
import type { OrderStatus } from '../domain/order.ts';
import type { OrderRecord } from './order-model.ts';

const { ObjectId } = mongoose.Types;

/** A filter and a sort order; order-queries.unit.test.ts checks that each has an index. */
export interface OrderQuery {
  filter: QueryFilter<OrderRecord>;
  sort?: Record<string, 1 | -1>;
}

export interface OrderList {
  userId: string;
  statuses?: readonly OrderStatus[];
  limit: number;
  /** Which of the orders comes first; the newest if absent. */
  first?: 'newest' | 'oldest';
  /** The last order of the previous page. */
  after?: { createdAt: Date; id: string };
}

/** What an operator looks for; at least one of these. */
export interface OrderSearch {
  userId?: string;
  ticketId?: string;
  status?: OrderStatus;
  /** When the orders were placed: then or later. */
  since?: Date;
}

/** The holds of the orders have ended between these times. */
export interface OverdueRange {
  after?: Date;
  until: Date;
}

/**
 * Matches kept holds; their index has the same condition. `cancelled` and `expired` are the statuses up to `expired` in the
 * order of the alphabet: MongoDB before 6.0 takes no list of values there.
 */
export const keptHoldFilter = { holdsTicket: true, status: { $lte: 'expired' } } as const;

/**
 * The queries that need an index with their fields and their order: without it their cost would grow with the number of
 * stored orders. Queries by `_id` are not here.
 */
export const orderQueries = {
  /** The orders of a user. One index serves both directions. */
  ofUser: ({ userId, statuses, first = 'newest', after }: Omit<OrderList, 'limit'>): OrderQuery => ({
    filter: { userId, ...(statuses && { status: anyOf(statuses) }), ...(after && behind(after, first)) },
    sort: first === 'newest' ? { createdAt: -1, _id: -1 } : { createdAt: 1, _id: 1 },
  }),

  /**
   * Orders for an operator, newest first; all that are pending by the end of their hold, latest first. A status has an index
   * only of one user, and when it is pending: otherwise the orders are gone through that the other conditions find, or all.
   */
  search({ userId, ticketId, status, since }: OrderSearch): OrderQuery {
    const isPendingAlone =
      status === 'pending' && ![userId, ticketId, since].some((one) => one !== undefined);
    if (isPendingAlone)
      return { filter: { status, expiresAt: { $gt: new Date(0) } }, sort: { expiresAt: -1 } };
    const filter = {
      ...(userId !== undefined && { userId }),
      ...(ticketId !== undefined && { ticketId: new ObjectId(ticketId) }),
      ...(status !== undefined && { status }),
      ...(since && { createdAt: { $gte: since } }),
    };
    return { filter, sort: { createdAt: -1, _id: -1 } };
  },

  /** A user's pending orders, oldest first. */
  pending: (userId: string): OrderQuery => ({
    filter: { userId, status: 'pending' },
    sort: { createdAt: 1, _id: 1 },
  }),

  /** The orders of a user for a ticket, newest first. */
  ofUserAndTicket: (userId: string, ticketId: string): OrderQuery => ({
    filter: { userId, ticketId: new ObjectId(ticketId) },
    sort: { createdAt: -1 },
  }),

  /** The orders that hold these tickets. */
  holders: (ticketIds: mongoose.Types.ObjectId[]): OrderQuery => ({
    filter: { ticketId: { $in: ticketIds }, holdsTicket: true },
  }),

  /** Kept holds (domain/kept-hold.ts) with an end: those over by `until`, or all; longest over first. */
  keptHoldsWithEnd: (until?: Date): OrderQuery => ({
    filter: { ...keptHoldFilter, keptUntil: until ? { $lte: until } : { $gt: new Date(0) } },
    sort: { keptUntil: 1 },
  }),

  /** Kept holds without an end: those that have no event to send, or all. `null` matches a field that is absent. */
  keptHoldsWithoutEnd: (outbox: 'any' | 'empty'): OrderQuery => ({
    filter: { ...keptHoldFilter, keptUntil: null, ...(outbox === 'empty' && { relayDueAt: null }) },
  }),

  /**
   * Orders with a refund that was asked for by `until` and is not completed. `null` matches a field that is absent; the first
   * condition says what the index has, which MongoDB does not see in the second.
   */
  openRefunds: (until: Date): OrderQuery => ({
    filter: {
      'payments.refundDueAt': { $gt: new Date(0) },
      payments: { $elemMatch: { refundCompletedAt: null, refundDueAt: { $gt: new Date(0), $lte: until } } },
    },
  }),

  /** Overdue orders, latest end first. */
  overdue: ({ after, until }: OverdueRange): OrderQuery => ({
    filter: { status: 'pending', expiresAt: { ...(after && { $gt: after }), $lte: until } },
    sort: { expiresAt: -1 },
  }),

  /** Overdue orders, longest overdue first. */
  oldestOverdue: (until: Date): OrderQuery => ({
    filter: { status: 'pending', expiresAt: { $lte: until } },
    sort: { expiresAt: 1 },
  }),
};

/** The orders of a list that come after this one. */
function behind(
  { createdAt, id }: NonNullable<OrderList['after']>,
  first: 'newest' | 'oldest',
): QueryFilter<OrderRecord> {
  const _id = new ObjectId(id);
  return first === 'newest'
    ? { createdAt: { $lte: createdAt }, $or: [{ createdAt: { $lt: createdAt } }, { _id: { $lt: _id } }] }
    : { createdAt: { $gte: createdAt }, $or: [{ createdAt: { $gt: createdAt } }, { _id: { $gt: _id } }] };
}

/** Of several statuses, MongoDB merges what the index has of each, in order: none is sorted in memory. */
function anyOf(statuses: readonly OrderStatus[]) {
  const [only, ...others] = statuses;
  return only !== undefined && others.length === 0 ? only : { $in: [...statuses] };
}
