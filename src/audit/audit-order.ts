import { dueSince } from '../orders/domain/event-spacing.ts';
import { eventTime } from '../orders/domain/event-time.ts';
import { isKeptHold } from '../orders/domain/kept-hold.ts';
import { holdsTicket, nextStatuses, type StatusChange } from '../orders/domain/order.ts';
import { changeEventId, extensionEventId, refundEventId } from '../orders/domain/order-event.ts';
import { askedRefund } from '../orders/domain/refund.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';
import { toOrder } from '../orders/store/order-record.ts';
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
  const strange = strangeEvents(order);
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

function historyFlaw({ history, version, status }: OrderRecord): string | undefined {
  if (history.length !== version + 1)
    return `version ${version} with ${history.length} changes in its history`;
  if (history.some((change, index) => change.version !== index))
    return 'the versions in its history have a gap';
  if (history[0]?.status !== 'pending') return 'its history does not begin with pending';
  const forbidden = history.find((change, index) => {
    const before = history[index - 1];
    return before !== undefined && !mayFollow(before, change);
  });
  if (forbidden) return `its history has a change to ${forbidden.status} that is not allowed`;
  return history.at(-1)?.status === status ? undefined : `its history ends with ${history.at(-1)?.status}`;
}

function mayFollow(before: StatusChange, { status, cause }: StatusChange): boolean {
  // No buyer ends a paid order.
  const isWayOut = before.status !== 'paid' || cause === 'refund' || cause === 'operator';
  return nextStatuses[before.status].includes(status) && isWayOut;
}

function extensionFlaw({ expiresAt, extensions = [] }: OrderRecord): string | undefined {
  let end = extensions[0]?.from ?? expiresAt;
  for (const [index, { n, from, to }] of extensions.entries()) {
    if (n !== index + 1) return `extension ${index + 1} of its hold has the number ${n}`;
    if (from.getTime() !== end.getTime())
      return `extension ${n} of its hold does not begin where the hold ended`;
    if (to <= from) return `extension ${n} of its hold adds no time`;
    end = to;
  }
  if (end.getTime() === expiresAt.getTime()) return undefined;
  return `its hold was extended until ${end.toISOString()}, and ends at ${expiresAt.toISOString()}`;
}

/** Events that do not match the history or are in the wrong order, or an outbox that no sweep finds. */
function strangeEvents(order: OrderRecord): string | undefined {
  const { ordered, refunds } = eventIdsOf(order);
  const waiting = order.outbox.map(({ eventId }) => eventId);
  const unknown = waiting.find((eventId) => !ordered.includes(eventId) && !refunds.includes(eventId));
  if (unknown) return `${unknown} waits in the outbox, but nothing of the kind has happened`;
  const positions = waiting.map((eventId) => ordered.indexOf(eventId)).filter((position) => position >= 0);
  if (positions.some((position, index) => position <= (positions[index - 1] ?? -1))) {
    return 'the events in the outbox are out of order';
  }
  if (order.outbox.length > 0 && !order.relayDueAt) return 'events wait in an outbox that no sweep looks at';
  return undefined;
}

/** Since when the oldest event could have left; undefined when nothing waits, or nobody can tell. */
function waitingSince(record: OrderRecord): Date | undefined {
  const order = toOrder(record);
  const happened = record.outbox.flatMap((event) => eventTime(event, order)?.getTime() ?? []);
  if (!record.relayDueAt || happened.length === 0) return undefined;
  return dueSince(record.outbox[0], new Date(Math.min(...happened)), record.spacedUntil);
}

/** The ids of all events that the order can have: those that leave in this order, and those of its refunds. */
function eventIdsOf(record: OrderRecord): { ordered: string[]; refunds: string[] } {
  const { id, history, extensions, payments } = toOrder(record);
  const [created, ...later] = history.map(({ version }) => changeEventId(id, version));
  const extended = extensions.map(({ n }) => extensionEventId(id, n));
  return {
    ordered: [...(created === undefined ? [] : [created]), ...extended, ...later],
    refunds: payments.flatMap((payment) => (askedRefund(payment) ? [refundEventId(id, payment.id)] : [])),
  };
}
