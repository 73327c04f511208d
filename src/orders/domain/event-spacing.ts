import type { OrderEvent } from './order-events.ts';

/**
 * The events by which consumers lock and unlock a ticket. With a spacing, one of them does not leave until consumers have had
 * the time to handle the one before, also when it is delivered to them a second time (docs/decisions/0057).
 */
export const spacedSubjects = [
  'order:created',
  'order:cancelled',
  'order:paid',
] as const satisfies OrderEvent['subject'][];

/** Whether an event of this subject keeps the spacing. A stored event may be of any version of the service. */
export function isSpaced({ subject }: { subject?: unknown }): boolean {
  return (spacedSubjects as readonly unknown[]).includes(subject);
}

/**
 * Before this time the first event of an outbox does not leave, by the order's stored `spacedUntil`; undefined when it may
 * leave at any time.
 */
export function notBefore(
  head: { subject?: unknown } | undefined,
  spacedUntil: Date | undefined,
): Date | undefined {
  return head && isSpaced(head) ? spacedUntil : undefined;
}

/** Since when the first event of an outbox could have left: since it happened, or since the spacing has let it. */
export function dueSince(
  head: { subject?: unknown } | undefined,
  happened: Date,
  spacedUntil: Date | undefined,
): Date {
  const waitsUntil = notBefore(head, spacedUntil);
  return waitsUntil && waitsUntil > happened ? waitsUntil : happened;
}
