import type { Fault, History, TicketLock } from '../history/history.ts';
import { milliseconds, orderEvents, orderIdOf } from '../history/order-events.ts';
import type { Rule } from './rule.ts';

/** What such peers lock and unlock tickets by. */
const lockingSubjects = ['order:created', 'order:cancelled'];

/** A ticket that the peers have locked at the end for an order that does not hold it here. */
interface DeadLock extends TicketLock {
  /** The order's status here, or that it is unknown. */
  status: string;
  /** What keeps a spacing from helping, around one of the order's events. */
  excuses: Fault[];
}

/**
 * The locks for dead orders. A spacing gives the peers the time in which a message that they have lost comes again. It
 * does not help while a process is frozen, which may send an event once more when it goes on; nor while the peers have
 * no broker, and so get several of a ticket's events in one moment.
 */
export function deadLocks(history: History): DeadLock[] {
  const orders = new Map(history.orders.map((order) => [order.id, order]));
  const hindrances = history.faults.filter(
    ({ kind, target }) => target === 'broker' || (kind === 'freeze' && target !== 'database'),
  );
  return history.locks
    .map((lock) => ({ ...lock, status: orders.get(lock.orderId)?.status ?? 'unknown' }))
    .filter(({ status }) => !['pending', 'paid'].includes(status))
    .map((lock) => ({ ...lock, excuses: excusesOf(lock, hindrances, history) }));
}

/** Those that were on within the peers' AckWait of such an event of the order, repetitions included. */
function excusesOf({ orderId }: TicketLock, hindrances: Fault[], history: History): Fault[] {
  const ackWaitMs = history.settings.peers?.ackWaitMs ?? 0;
  const times = orderEvents(history)
    .filter((event) => lockingSubjects.includes(event.subject) && orderIdOf(event) === orderId)
    .map(({ timestamp }) => milliseconds(timestamp));
  return hindrances.filter(({ startedAt, endedAt }) =>
    times.some((at) => startedAt <= at + ackWaitMs && endedAt >= at - ackWaitMs),
  );
}

/** No ticket of the peers stays locked for an order that does not hold it, unless a fault explains it that no spacing covers. */
export const locksAreOfHolders: Rule = (history) =>
  deadLocks(history)
    .filter(({ excuses }) => excuses.length === 0)
    .map(
      ({ ticketId, orderId, status }) =>
        `ticket ${ticketId} stays locked for order ${orderId}, which is ${status}`,
    );
