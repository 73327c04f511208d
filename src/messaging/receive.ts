import type { Logger } from 'pino';
import { isOutage } from '../platform/mongo/database-errors.ts';
import { runInContext } from '../platform/process/work-context.ts';
import { withTimeout } from '../platform/time/with-timeout.ts';
import type { Delivery, Disposition } from './broker.ts';
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
  /** Called with the outcome of every delivery. */
  onMessage?: (report: DeliveryReport) => void;
}

/** The outcome of one delivery. */
export interface DeliveryReport {
  subject: string;
  /**
   * The listener's word; or `dead_letter`; or `outage` (of the database) or `failed`, when the message will be delivered
   * again.
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
 * Handles one delivery, in a context that names it in log lines, and resolves with what the broker is to do with it.
 * Never rejects, and resolves within the broker's acknowledgement time-out. What cannot be understood, or fails again and again, becomes a dead letter: unacknowledged,
 * it would come back for ever and fill the window of messages in flight, until nothing else is delivered.
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
    const handled = await withTimeout(maxHandlingMs, listener.handle(delivery.data), tooLate);
    if ('rejected' in handled) return await setAside(deps, delivery, handled.rejected);
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
    const reason = error instanceof Error ? error.message : String(error);
    return setAside(deps, delivery, `failed ${failures} times: ${reason}`);
  }
}

async function setAside(deps: ReceivingDeps, delivery: Delivery, reason: string): Promise<Outcome> {
  const { log } = deps;
  try {
    await withTimeout(maxKeepingMs, deps.deadLetters.keep(delivery, reason), tooLate);
    log.error({ reason }, 'message set aside as a dead letter');
    return { disposition: 'acknowledge', outcome: 'dead_letter' };
  } catch (error) {
    log.error({ reason, err: error }, 'dead letter not stored, the message will be delivered again');
    return isOutage(error) ? afterOutage(deps) : { disposition: 'redeliver', outcome: 'failed' };
  }
}

function afterOutage({ failures }: ReceivingDeps): Outcome {
  failures.outageSeen();
  return { disposition: 'redeliver', outcome: 'outage' };
}

function tooLate(): never {
  throw new Error('not done in time');
}
