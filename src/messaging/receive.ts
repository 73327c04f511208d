import type { Logger } from 'pino';
import { isOutage } from '../platform/mongo/database-errors.ts';
import { runInContext } from '../platform/process/work-context.ts';
import { withTimeout } from '../platform/time/with-timeout.ts';
import type { Delivery, Disposition } from './broker.ts';
import { reasonOf } from './connection-end.ts';
import type { Listener } from './listener.ts';
import type { MessageFailures } from './message-failures.ts';
import { maxHandlingMs, maxKeepingMs } from './message-timeouts.ts';

/** The store of messages that cannot be handled. */
interface DeadLetters {
  /** Stores a message and why it could not be handled. Storing the same message again changes nothing. */
  keep(delivery: Delivery, reason: string): Promise<void>;
}

export interface ReceivingDeps {
  deadLetters: DeadLetters;
  failures: MessageFailures;
  log: Logger;
  /** Called after every delivery. */
  onMessage?: (report: DeliveryReport) => void;
}

/** The outcome of one delivery. */
export interface DeliveryReport {
  subject: string;
  /**
   * The listener's outcome, or `dead_letter`. When the message will be delivered again: `outage` (of the database) or
   * `failed`.
   */
  outcome: string;
  /** 1 for the first delivery of the message. */
  attempt: number;
  seconds: number;
}

interface Outcome {
  disposition: Disposition;
  outcome: string;
}

/**
 * Handles one delivery and resolves with its disposition. Log lines of that time name the message. Never rejects, and
 * resolves within the broker's acknowledgement time-out. A message that is invalid or fails several times becomes a dead
 * letter. Without an acknowledgement it would be delivered again without end, and such messages would fill the broker's
 * limit of messages in flight.
 */
export function receive(deps: ReceivingDeps, listener: Listener, delivery: Delivery): Promise<Disposition> {
  const { subject, sequence, attempt } = delivery;
  const context = { endsAt: Number.POSITIVE_INFINITY, message: { subject, sequence, attempt } };
  return runInContext(context, () => receiveInContext(deps, listener, delivery));
}

async function receiveInContext(
  deps: ReceivingDeps,
  listener: Listener,
  delivery: Delivery,
): Promise<Disposition> {
  const started = performance.now();
  const { disposition, outcome } = await handleDelivery(deps, listener, delivery);
  if (disposition === 'acknowledge') deps.failures.handled(delivery);
  const seconds = (performance.now() - started) / 1_000;
  deps.onMessage?.({ subject: listener.subject, outcome, attempt: delivery.attempt, seconds });
  return disposition;
}

async function handleDelivery(deps: ReceivingDeps, listener: Listener, delivery: Delivery): Promise<Outcome> {
  const { log } = deps;
  try {
    const handled = await withTimeout(maxHandlingMs, listener.handle(delivery.data), throwTimeout);
    if ('rejected' in handled) return await storeDeadLetter(deps, delivery, handled.rejected);
    log.debug({ outcome: handled.outcome }, 'message handled');
    return { disposition: 'acknowledge', outcome: handled.outcome };
  } catch (error) {
    if (isOutage(error)) {
      log.warn({ err: error }, 'message not handled, it will be delivered again');
      return afterOutage(deps);
    }
    const failures = deps.failures.failed(delivery);
    if (failures === undefined) {
      log.warn({ err: error }, 'message not handled, it will be delivered again');
      return { disposition: 'redeliver', outcome: 'failed' };
    }
    return storeDeadLetter(deps, delivery, `failed ${failures} times: ${reasonOf(error)}`);
  }
}

async function storeDeadLetter(deps: ReceivingDeps, delivery: Delivery, reason: string): Promise<Outcome> {
  const { log } = deps;
  try {
    await withTimeout(maxKeepingMs, deps.deadLetters.keep(delivery, reason), throwTimeout);
    log.error({ reason }, 'message set aside as a dead letter');
    return { disposition: 'acknowledge', outcome: 'dead_letter' };
  } catch (error) {
    log.error({ reason, err: error }, 'dead letter not stored, the message will be delivered again');
    return isOutage(error) ? afterOutage(deps) : { disposition: 'redeliver', outcome: 'failed' };
  }
}

function afterOutage({ failures }: ReceivingDeps): Outcome {
  failures.onOutage();
  return { disposition: 'redeliver_soon', outcome: 'outage' };
}

function throwTimeout(): never {
  throw new Error('not done in time');
}
