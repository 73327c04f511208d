import type { Logger } from 'pino';
import { isOutage } from '../database/failures.ts';
import type { DeadLetterStore } from '../dead-letters/dead-letter-store.ts';
import type { Delivery, Verdict } from './broker.ts';
import type { Listener } from './listener.ts';

/** A message that keeps failing for another reason than an outage is set aside at this delivery. */
const maxDeliveries = 5;

export interface ReceivingParts {
  deadLetters: Pick<DeadLetterStore, 'keep'>;
  log: Logger;
}

/**
 * Handles one delivery and says what the broker is to do with it. Never rejects. What cannot be understood, or
 * fails again and again, becomes a dead letter: unacknowledged, it would come back for ever and fill the window
 * of messages in flight, until nothing else is delivered.
 */
export async function receive(
  parts: ReceivingParts,
  listener: Listener,
  delivery: Delivery,
): Promise<Verdict> {
  const { subject, sequence, attempt } = delivery;
  const log = parts.log.child({ subject, sequence, attempt });
  try {
    const handled = await listener.handle(delivery.data);
    if ('unacceptable' in handled) return await setAside(parts, delivery, handled.unacceptable);
    log.debug({ outcome: handled.outcome }, 'message handled');
    return 'acknowledge';
  } catch (error) {
    if (isOutage(error) || attempt < maxDeliveries) {
      log.warn({ err: error }, 'message not handled, it will be delivered again');
      return 'redeliver';
    }
    return setAside(
      parts,
      delivery,
      `failed ${attempt} times: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function setAside(
  { deadLetters, log }: ReceivingParts,
  delivery: Delivery,
  reason: string,
): Promise<Verdict> {
  const { subject, sequence } = delivery;
  try {
    await deadLetters.keep(delivery, reason);
    log.error({ subject, sequence, reason }, 'message set aside as a dead letter');
    return 'acknowledge';
  } catch (error) {
    log.error(
      { subject, sequence, reason, err: error },
      'dead letter not stored, the message will be delivered again',
    );
    return 'redeliver';
  }
}
