import { dueSince } from '../orders/domain/event-spacing.ts';
import { eventTime } from '../orders/domain/event-time.ts';
import { isKeptHold } from '../orders/domain/kept-hold.ts';
import { holdsTicket } from '../orders/domain/order.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';
import { toOrder } from '../orders/store/order-record.ts';
import { extensionFlaw, historyFlaw, outboxFlaw } from './order-flaws.ts';
import { formFlaw } from './order-form.ts';
import { refundsDue } from './refunds-due.ts';

/** `broken`: a promise of the contract does not hold. `due`: somebody has to do something. */
export interface Finding {
  severity: 'broken' | 'due';
  rule:
    | 'document_is_readable'
    | 'one_holder_per_ticket'
    | 'hold_fits_status'
    | 'slot_fits_status'
    | 'history_fits_version'
    | 'extensions_fit_end'
    | 'events_fit_history'
    | 'events_leave_within_a_minute'
    | 'publishing_paused'
    | 'holds_end_in_time'
    | 'gap_open'
    | 'version_out_of_reach'
    | 'refund_due';
  subject: string;
  detail: string;
  /** Of an open gap: how many updates are parked behind it, the lowest of their versions, and the oldest one's age. */
  gap?: { parked: number; lowestVersion: number; oldestSeconds: number };
}

const outboxLimitMs = 60_000;
/** The sweep runs every second; ten are enough for a busy moment. */
const overdueLimitMs = 10_000;

/**
 * What is wrong with one stored order at this moment; of one that cannot be read, only that. `refundAlertMs` is the setting.
 * Pure.
 */
export function auditOrder(order: OrderRecord, now: Date, refundAlertMs = 0): Finding[] {
  const flaw = formFlaw(order);
  return flaw === undefined ? findingsIn(order, now, refundAlertMs) : [unreadable(order, flaw)];
}

/** A document that cannot be read, or is such that no change of it can be written. */
function unreadable({ _id }: OrderRecord, detail: string): Finding {
  return { severity: 'broken', rule: 'document_is_readable', subject: String(_id), detail };
}

function findingsIn(order: OrderRecord, now: Date, refundAlertMs: number): Finding[] {
  const found: Finding[] = [];
  const subject = order._id.toHexString();
  const broken = (rule: Finding['rule'], detail: string) =>
    found.push({ severity: 'broken', rule, subject, detail });

  // The other way round it is a kept hold (orders/domain/kept-hold.ts), and no promise is broken.
  if (holdsTicket(order.status) && order.holdsTicket !== true)
    broken('hold_fits_status', `is ${order.status} and does not hold its ticket`);
  if (order.pendingSlot !== undefined && order.status !== 'pending') {
    broken('slot_fits_status', `is ${order.status} and keeps pending slot ${order.pendingSlot} of its user`);
  }
  const past = historyFlaw(order);
  if (past) broken('history_fits_version', past);
  const extended = extensionFlaw(order);
  if (extended) broken('extensions_fit_end', extended);
  const strange = outboxFlaw(order);
  if (strange) broken('events_fit_history', strange);
  const since = waitingSince(order);
  if (since && since.getTime() < now.getTime() - outboxLimitMs) {
    broken('events_leave_within_a_minute', `${order.outbox.length} events wait since ${since.toISOString()}`);
  }
  if (order.status === 'pending' && order.expiresAt.getTime() < now.getTime() - overdueLimitMs) {
    broken('holds_end_in_time', `should have expired at ${order.expiresAt.toISOString()}`);
  }
  if (isKeptHold(order) && order.keptUntil && order.keptUntil.getTime() < now.getTime() - overdueLimitMs)
    broken('holds_end_in_time', `keeps its hold, which was over at ${order.keptUntil.toISOString()}`);
  for (const detail of refundsDue(order, now, refundAlertMs))
    found.push({ severity: 'due', rule: 'refund_due', subject, detail });
  return found;
}

/** Since when the oldest event could have left; undefined when nothing waits, or nobody can tell. */
function waitingSince(record: OrderRecord): Date | undefined {
  const order = toOrder(record);
  const happened = record.outbox.flatMap((event) => eventTime(event, order)?.getTime() ?? []);
  if (!record.relayDueAt || happened.length === 0) return undefined;
  return dueSince(record.outbox[0], new Date(Math.min(...happened)), record.spacedUntil);
}
