import type { OutboxEvent } from './outbox-event.ts';

/** A stored event cannot be sent, for example after a manual repair. */
export class UnreadableEvent extends Error {}

/** What is published as an event's data. */
export type ToData = (event: OutboxEvent) => object;

/**
 * Returns the message of an event. The stored event is not checked against its schema, because a newer version of the
 * service may have written it.
 *
 * @throws UnreadableEvent when it has no id, no subject or no data
 */
export function serializeEvent(event: unknown, toData: ToData): string {
  const { eventId, subject, data } = (event ?? {}) as Partial<Record<keyof OutboxEvent, unknown>>;
  if (typeof eventId !== 'string' || typeof subject !== 'string' || subject === '')
    throw new UnreadableEvent('the outbox holds something that is no event');
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new UnreadableEvent(`the event ${eventId} has no data`);
  try {
    return JSON.stringify(toData({ eventId, subject, data }));
  } catch (error) {
    throw new UnreadableEvent(`the event ${eventId} cannot be written as JSON`, { cause: error });
  }
}
