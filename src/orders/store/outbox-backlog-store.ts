import { dueSince } from '../domain/event-spacing.ts';
import { eventTime } from '../domain/event-time.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';

/** The events that are not sent yet. */
export interface Backlog {
  /** How many orders have such events, counted up to 10,000. */
  waiting: number;
  /** Since when the oldest of these events could have left; undefined when there is none. */
  since: Date | undefined;
}

const maxCounted = 10_000;
/** Only so many orders are read, longest due first, to find the oldest event. */
const maxDated = 50;

/** Returns the read of the backlog. Its cost does not depend on how many orders are stored or waiting. */
export function outboxBacklog(orders: OrderModel, eventSpacingMs: number): () => Promise<Backlog> {
  const fields = { history: 1, payments: 1, ...(eventSpacingMs > 0 && { spacedUntil: 1 }) } as const;
  return async () => {
    // A range, since the sparse index is no help with `$exists` everywhere.
    const waiting = { relayDueAt: { $gt: new Date(0) } };
    const [count, records] = await Promise.all([
      orders.countDocuments(waiting, { limit: maxCounted }),
      orders
        .find(waiting, { outbox: { $slice: 1 }, ...fields })
        .sort({ relayDueAt: 1 })
        .limit(maxDated)
        .lean<WaitingRecord[]>(),
    ]);
    const times = records.flatMap((record) => firstEventDueSince(record)?.getTime() ?? []);
    return { waiting: count, since: times.length > 0 ? new Date(Math.min(...times)) : undefined };
  };
}

type WaitingRecord = Pick<OrderRecord, '_id' | 'outbox' | 'history' | 'payments' | 'spacedUntil'>;

/** Since when the order's oldest event could have left; undefined, when the order is not stored as it should be. */
function firstEventDueSince({
  _id,
  outbox,
  history,
  payments,
  spacedUntil,
}: WaitingRecord): Date | undefined {
  if (![outbox, history, payments].every(Array.isArray)) return undefined;
  const [event] = outbox;
  const happened = event && eventTime(event, { id: String(_id), history, payments });
  return happened && dueSince(event, happened, spacedUntil);
}
