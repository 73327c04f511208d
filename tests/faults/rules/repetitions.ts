import { publishTimeoutMs } from '../../../src/messaging/broker.ts';
import { outboxLeaseMs } from '../../../src/outbox/outbox-lease.ts';
import { operationTimeoutMs } from '../../../src/platform/mongo/timeouts.ts';
import { type Disturbance, disturbances, isQuiet, within } from '../history/disturbances.ts';
import { grouped } from '../history/grouped.ts';
import type { History } from '../history/history.ts';
import {
  changeTimes,
  milliseconds,
  orderEvents,
  orderIdOf,
  type SeenEvent,
} from '../history/order-events.ts';
import type { Rule } from './rule.ts';

/**
 * The longest that a sender which nothing hinders goes on with an outbox that it has read: its lease, the publish that
 * is in flight when that expires, and one operation of the database, with a second to spare. So what is to excuse a
 * repetition has hindered its sender, or ended, within this time before it.
 */
const sendingMs = outboxLeaseMs + publishTimeoutMs + operationTimeoutMs + 1_000;

export interface Repetition {
  event: SeenEvent;
  afterFirstMs: number;
  /** Whether nothing was wrong, nor had been for 30 s. */
  inQuietTime: boolean;
  /** An event of the same order that the broker had first after this one, and has already. */
  behind?: SeenEvent;
  /** What may have kept the sender between its reading of the outbox and the publish. */
  excuses: Disturbance[];
}

/** Every event of an order that the broker had already. Events of an order come first in their order. */
export function repetitions(history: History): Repetition[] {
  const disturbed = disturbances(history);
  const changed = changeTimes(history);
  return [...grouped(orderEvents(history), orderIdOf).values()].flatMap((events) => {
    const known: SeenEvent[] = [];
    return events.flatMap((event): Repetition[] => {
      const index = known.findIndex(({ eventId }) => eventId === event.eventId);
      const first = known[index];
      if (!first) {
        known.push(event);
        return [];
      }
      const behind = known[index + 1];
      const at = milliseconds(event.timestamp);
      // Nobody has read the event before it was written.
      const readFrom = Math.max(changed.get(event.eventId) ?? 0, at - sendingMs);
      return [
        {
          ...{ event, afterFirstMs: at - milliseconds(first.timestamp) },
          inQuietTime: isQuiet(disturbed, at, at),
          ...(behind && { behind }),
          excuses: within(disturbed, readFrom, at),
        },
      ];
    });
  });
}

/**
 * No event comes twice in a quiet time, and none ever within the time in which the broker knows its id. At other times it may, but not after a later event of its order, unless its
 * sender was hindered: frozen, dead, or with its link to broker or database cut, stalled or slowed.
 */
export const repetitionsAreExcused: Rule = (history) =>
  repetitions(history).flatMap((repetition) => {
    const { duplicateWindowMs = 0 } = history.settings;
    const { event, afterFirstMs, inQuietTime, behind, excuses } = repetition;
    const again = `event ${event.eventId} came again after ${afterFirstMs} ms`;
    if (afterFirstMs < duplicateWindowMs) return [`${again}, while the broker knew its id`];
    if (inQuietTime) return [`${again}, in a quiet time`];
    return behind && excuses.length === 0 ? [`${again} and after ${behind.eventId}, without a fault`] : [];
  });
