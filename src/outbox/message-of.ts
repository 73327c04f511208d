import type { OutboxEvent } from './outbox-event.ts';

/** What lies in an outbox is no event that could be sent: a hand-made repair has left it, for instance. */
export class UnreadableEvent extends Error {}

/**
 * The message that tells of an event. What is stored is checked for being an event at all, not against its schema: a
 * newer version may have written it.
 *
 * @throws UnreadableEvent
 */
export function messageOf(event: unknown): string {
  const { eventId, subject, data } = (event ?? {}) as Partial<Record<keyof OutboxEvent, unknown>>;
  if (typeof eventId !== 'string' || typeof subject !== 'string' || subject === '')
    throw new UnreadableEvent('the outbox holds something that is no event');
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new UnreadableEvent(`the event ${eventId} has no data`);
  try {
    return JSON.stringify(data);
  } catch (error) {
    throw new UnreadableEvent(`the event ${eventId} cannot be made a message`, { cause: error });
  }
}
