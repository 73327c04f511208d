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
  /** Told of every delivery that was dealt with. */
  onMessage?: (reception: Reception) => void;
}

/** What became of one delivery. */
export interface Reception {
  subject: string;
  /**
   * The handler's word for it; or `dead_letter`, or, when the message comes again: `outage` (of the database) or
   * `failed`.
   */
  outcome: string;
  seconds: number;
}

interface Dealt {
  verdict: Verdict;
  outcome: string;
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
  const started = performance.now();
  const { verdict, outcome } = await dealWith(parts, listener, delivery);
  const seconds = (performance.now() - started) / 1_000;
  parts.onMessage?.({ subject: listener.subject, outcome, seconds });
  return verdict;
}

async function dealWith(parts: ReceivingParts, listener: Listener, delivery: Delivery): Promise<Dealt> {
  const { subject, sequence, attempt } = delivery;
  const log = parts.log.child({ subject, sequence, attempt });
  try {
    const handled = await listener.handle(delivery.data);
    if ('unacceptable' in handled) return await setAside(parts, delivery, handled.unacceptable);
    log.debug({ outcome: handled.outcome }, 'message handled');
    return { verdict: 'acknowledge', outcome: handled.outcome };
  } catch (error) {
    const outage = isOutage(error);
    if (outage || attempt < maxDeliveries) {
      log.warn({ err: error }, 'message not handled, it will be delivered again');
      return { verdict: 'redeliver', outcome: outage ? 'outage' : 'failed' };
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
): Promise<Dealt> {
  const { subject, sequence } = delivery;
  try {
    await deadLetters.keep(delivery, reason);
    log.error({ subject, sequence, reason }, 'message set aside as a dead letter');
    return { verdict: 'acknowledge', outcome: 'dead_letter' };
  } catch (error) {
    log.error(
      { subject, sequence, reason, err: error },
      'dead letter not stored, the message will be delivered again',
    );
    return { verdict: 'redeliver', outcome: isOutage(error) ? 'outage' : 'failed' };
  }
}
