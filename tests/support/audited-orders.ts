import mongoose from 'mongoose';
import { auditOrder } from '../../src/audit/audit-order.ts';
import type { Order } from '../../src/orders/domain/order.ts';
import type { OrderChange } from '../../src/orders/domain/order-change.ts';
import * as refunds from '../../src/orders/domain/refund-transitions.ts';
import * as transitions from '../../src/orders/domain/transitions.ts';
import type { OrderRecord } from '../../src/orders/store/order-model.ts';
import { changed } from './memory-order-store.ts';

/** Stored orders for the tests of the audit, sound and spoilt. */

export const start = new Date('2030-01-01T00:00:00Z');
export const at = (ms: number) => new Date(start.getTime() + ms);
export const id = 'a'.repeat(24);
const ticket = { id: 'b'.repeat(24), title: 'Concert', price: 20, version: 3 };
export const fresh = transitions.place({ id, userId: 'anna', ticket, holdMs: 900_000 }, { now: start });
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };

/** A sound record after these changes, none of whose events has left. */
export function recordAfter(...changes: ((order: Order) => OrderChange)[]): OrderRecord {
  let order = fresh.order;
  const outbox = [fresh.event];
  for (const make of changes) {
    const change = make(order);
    outbox.push(...change.events);
    order = changed(order, change);
  }
  const { id: orderId, ticketId, ...rest } = order;
  const holds = order.status === 'pending' || order.status === 'paid';
  return {
    ...rest,
    _id: new mongoose.Types.ObjectId(orderId),
    ticketId: new mongoose.Types.ObjectId(ticketId),
    ...(holds && { holdsTicket: true }),
    outbox,
    relayDueAt: start,
  };
}

export const pay = (order: Order) => transitions.pay(order, payment, { now: at(1) });
export const cancel = (order: Order) => transitions.cancel(order, { now: at(1) });
export const expire = (order: Order) => transitions.expire(order, 'expiry', { now: at(1) });
export const extend = (order: Order) =>
  transitions.extendHold(order, new Date(order.expiresAt.getTime() + 60_000), { now: at(1) });
export const refund = (order: Order) =>
  transitions.requireRefund(order, { ...payment, id: 'pay_2' }, 'already_paid', { now: at(2) });
export const giveBack = (order: Order) => refunds.cancelRefunded(order, { id: 'pay_1' }, { now: at(2) });
export const giveBackAhead = (order: Order) => refunds.markAhead(order, { id: 'pay_1' }, { now: at(1) });
export const complete = (order: Order) => refunds.completeRefund(order, { id: 'pay_2' }, { now: at(3) });
export const release = (order: Order) => refunds.release(order, 'broken seat', { now: at(2) });
export const found = (record: OrderRecord, now = at(3)) =>
  auditOrder(record, now).map(({ severity, rule, detail }) => `${severity} ${rule}: ${detail}`);

export const without = (record: OrderRecord, ...names: (keyof OrderRecord)[]): OrderRecord =>
  Object.fromEntries(
    Object.entries(record).filter(([name]) => !(names as string[]).includes(name)),
  ) as unknown as OrderRecord;
export const withHistory = (record: OrderRecord, index: number, spoilt: object): OrderRecord => ({
  ...record,
  history: record.history.map((change, place) => (place === index ? { ...change, ...spoilt } : change)),
});
