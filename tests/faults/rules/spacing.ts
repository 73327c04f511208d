import { grouped } from '../history/grouped.ts';
import type { History } from '../history/history.ts';
import {
  firstSights,
  milliseconds,
  orderEvents,
  orderIdOf,
  type SeenEvent,
} from '../history/order-events.ts';
import { spacingMs } from '../history/peer-settings.ts';
import type { Rule } from './rule.ts';

const spacedSubjects = ['order:created', 'order:cancelled', 'order:paid'];

/**
 * By the broker's times, two events that lock or unlock a ticket are the spacing apart: those of one order, and an
 * order's cancellation and the purchase that follows it. Without a spacing there is nothing to keep.
 */
export const eventsKeepTheirSpacing: Rule = (history) => {
  const spacing = spacingMs(history);
  if (spacing === 0) return [];
  const spaced = [...firstSights(orderEvents(history)).values()].filter(({ subject }) =>
    spacedSubjects.includes(subject),
  );
  const byOrder = grouped(spaced, orderIdOf);
  const pairs = [...[...byOrder.values()].flatMap(neighbours), ...letGoAndBoughtAgain(history, byOrder)];
  return pairs.flatMap(([before, after]) => {
    const ms = millisecondsBetween(before, after);
    return ms < spacing
      ? [`${after.subject} ${after.eventId} came ${ms} ms after ${before.subject} ${before.eventId}`]
      : [];
  });
};

type Pair = [before: SeenEvent, after: SeenEvent];

/** Each event with the next one; they are in the order of their times. */
function neighbours(events: SeenEvent[]): Pair[] {
  return events.slice(1).flatMap((after, index): Pair[] => {
    const before = events[index];
    return before ? [[before, after]] : [];
  });
}

/** The cancellation of each order of a ticket, with the creation of the next one. */
function letGoAndBoughtAgain({ orders }: History, byOrder: Map<string, SeenEvent[]>): Pair[] {
  return [...grouped(orders, ({ ticketId }) => ticketId).values()].flatMap((ofTicket) => {
    const created = ofTicket.flatMap(({ id }) => byOrder.get(id)?.find(isOf('order:created')) ?? []);
    const inTurn = created.sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
    return neighbours(inTurn).flatMap(([before, after]): Pair[] => {
      const cancelled = byOrder.get(orderIdOf(before))?.find(isOf('order:cancelled'));
      return cancelled ? [[cancelled, after]] : [];
    });
  });
}

function isOf(subject: string) {
  return (event: SeenEvent) => event.subject === subject;
}

function millisecondsBetween(before: SeenEvent, after: SeenEvent): number {
  return milliseconds(after.timestamp) - milliseconds(before.timestamp);
}
