import { createHash } from 'node:crypto';

/**
 * An event's id as the value of the header `Nats-Msg-Id`: itself where it is printable ASCII without blanks, else its
 * SHA-256. Ids of peers are part of it: the client throws on a line break, and cuts blanks at the ends, so that two ids
 * would become one.
 */
export function toMessageId(eventId: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(eventId) ? eventId : createHash('sha256').update(eventId).digest('hex');
}
