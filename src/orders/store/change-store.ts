import mongoose, { type QueryFilter, type UpdateQuery } from 'mongoose';
import type { LeaseUpdate } from '../../outbox/outbox-lease.ts';
import type { OutboxNotifier, WrittenOutbox } from '../../outbox/outbox-notifier.ts';
import { createBatcher } from '../../platform/mongo/batcher.ts';
import { bulkOutcomes, ordered, unordered } from '../../platform/mongo/bulk-writes.ts';
import { notBefore } from '../domain/event-spacing.ts';
import type { KeptHold } from '../domain/kept-hold.ts';
import { holdsTicket, type Order, type StatusChange } from '../domain/order.ts';
import type { OrderChange, PaymentUpdate } from '../domain/order-change.ts';
import type { HoldGuard } from './hold-index-store.ts';
import { endOf } from './kept-hold-store.ts';
import type { OrderModel, OrderRecord } from './order-model.ts';
import { toOrder } from './order-record.ts';

const { ObjectId } = mongoose.Types;

/** A change, and the unique id that its write stores in `lastChange`. */
interface ChangeWrite {
  change: OrderChange;
  writeId: mongoose.Types.ObjectId;
}

export interface ChangeStoreDeps {
  orders: OrderModel;
  /** Reads an order after its change. */
  findOrder: (id: string) => Promise<OrderRecord | undefined>;
  notifier: OutboxNotifier;
  /** Called after each written change, with the order after it. */
  onChange: (change: OrderChange, order: Order) => void;
  holds: HoldGuard;
  /** Unless it is absent or 0, an order that lets its ticket go keeps its hold (domain/kept-hold.ts). */
  eventSpacingMs?: number;
}

/**
 * Writes all changes of stored orders. Changes of the same moment share a bulk write, and each has its own outcome.
 */
export function createChangeStore(deps: ChangeStoreDeps) {
  const { orders, findOrder, notifier, onChange, holds, eventSpacingMs = 0 } = deps;
  const write = createBatcher({
    // Mongoose casts these and refuses unknown fields, but runs no validators. So only the types in transitions.ts
    // guarantee valid statuses, causes and reasons.
    runBatch: (changes: ChangeWrite[]) =>
      bulkOutcomes(orders.bulkWrite(changes.map(updateOneOf), unordered), changes.length),
  });

  const toStored = eventSpacingMs === 0 ? (change: OrderChange) => change : keepingHold;
  const updateOneOf = ({ change, writeId }: ChangeWrite) => ({
    updateOne: {
      filter: filterOf(change),
      update: updateOf(toStored(change), writeId, notifier.leaseUpdate()),
      // The index of the ends would serve such a filter, too: without a hint MongoDB plans with both, for nothing.
      ...(change.expected.expiresAt && { hint: { _id: 1 } as const }),
    },
  });

  /** In one round trip, so that no other order takes the ticket in between. */
  const writeAfterEnd = createBatcher({
    maxBatchSize: 1,
    runBatch: (writes: (ChangeWrite & { keptHold: KeptHold })[]) =>
      Promise.all(
        writes.map(async ({ keptHold, ...write }) => {
          const both = [{ updateOne: endOf(keptHold) }, updateOneOf(write)];
          const [ended, outcome] = await bulkOutcomes(orders.bulkWrite(both, ordered), both.length);
          return ended instanceof Error ? ended : (outcome ?? 'written');
        }),
      ),
  });

  return {
    /**
     * Writes a change and its events in one update. Resolves with `outdated` when the order is no longer as the change
     * expects it, and with `ticket_taken` when the change holds the ticket again but another order holds it. `outdated`
     * also when the change was written but another one followed before the order was read: a new decision sees both.
     * `keptHold` is the hold of another order, which ends right before, unless it has changed since it was read.
     *
     * @throws the error of Mongoose when the schema does not allow the change; nothing is written then
     * @throws IndexMissing when the change holds the ticket again and the unique index of the holds is missing
     */
    async apply(change: OrderChange, keptHold?: KeptHold): Promise<Order | 'outdated' | 'ticket_taken'> {
      const { id, status } = change.expected;
      throwIfNeverMatching(change.expected);
      if (change.set?.holdsTicket && !holdsTicket(status)) holds.throwIfMissing();
      const writeId = new ObjectId();
      const outcome = keptHold ? writeAfterEnd({ change, writeId, keptHold }) : write({ change, writeId });
      if ((await outcome) === 'refused') return 'ticket_taken';
      // The result of a bulk write does not say which filters matched, so the order is read.
      const after = await findOrder(id);
      // Also when another change followed: this process may still have to send the events.
      if (after && change.events.length > 0) notifier.notify(writtenOutbox(after, writeId));
      if (!after?.lastChange?.equals(writeId)) return 'outdated';
      const order = toOrder(after);
      onChange(change, order);
      return order;
    },
  };
}

function writtenOutbox(
  { _id, outbox, relayDueAt, spacedUntil }: OrderRecord,
  writeId: mongoose.Types.ObjectId,
): WrittenOutbox {
  return {
    orderId: _id.toHexString(),
    events: outbox,
    leaseExpiresAt: relayDueAt,
    notBefore: notBefore(outbox[0], spacedUntil),
    writeId: writeId.toHexString(),
  };
}

/** The same change of an order that keeps its hold if it lets its ticket go. */
function keepingHold({ unset, ...change }: OrderChange): OrderChange {
  return { ...change, ...(unset && { unset: unset.filter((field) => field !== 'holdsTicket') }) };
}

/** A manual repair may have stored text. Mongoose would cast it, so the filter would never match: always `outdated`. */
function throwIfNeverMatching({ id, version, expiresAt }: OrderChange['expected']): void {
  if (!Number.isInteger(version)) throw new TypeError(`the version of order ${id} is not an integer`);
  if (expiresAt !== undefined && !(expiresAt instanceof Date))
    throw new TypeError(`the end of order ${id} is not a date`);
}

function filterOf({
  expected: { id, withoutPayment, ...expected },
  payment,
  namePayment,
  push,
}: OrderChange): QueryFilter<OrderRecord> {
  return {
    _id: new ObjectId(id),
    ...expected,
    ...(withoutPayment !== undefined && { 'payments.id': { $ne: withoutPayment } }),
    ...(payment && filterOfPayment(payment)),
    ...(namePayment && push.history && { history: { $size: namePayment.length } }),
  };
}

/**
 * `null` matches a field that is absent. Not by `payments.0.field`: that would match any payment, since MongoDB also takes the
 * number for a name, which no payment has.
 */
function filterOfPayment({ index, id, set }: PaymentUpdate): QueryFilter<OrderRecord> {
  const unwritten = Object.fromEntries(Object.keys(set).map((field) => [field, null]));
  return { [`payments.${index}.id`]: id, payments: { $elemMatch: { id, ...unwritten } } };
}

function updateOf(
  { set, unset, push, payment, namePayment, events }: OrderChange,
  writeId: mongoose.Types.ObjectId,
  lease: LeaseUpdate,
): UpdateQuery<OrderRecord> {
  const [event, ...others] = events.map((one) => ({ ...one, sender: writeId.toHexString() }));
  const { history, ...lists } = push;
  const pushed = {
    ...(event && { outbox: others.length > 0 ? { $each: [event, ...others] } : event }),
    ...lists,
    ...(history && !namePayment && { history }),
  };
  return {
    ...(event && lease),
    $set: {
      lastChange: writeId,
      ...set,
      ...(payment && withPath(`payments.${payment.index}`, payment.set)),
      ...(namePayment && namedHistory(namePayment, history)),
    },
    ...(unset && { $unset: Object.fromEntries(unset.map((field) => [field, 1])) }),
    ...(history && { $inc: { version: 1 } }),
    ...(Object.keys(pushed).length > 0 && { $push: pushed }),
  };
}

/** MongoDB refuses to push to a list whose entries the same update changes: the new one gets its place by number. */
function namedHistory(
  { index, paymentId, length }: NonNullable<OrderChange['namePayment']>,
  added: StatusChange | undefined,
): object {
  return { [`history.${index}.paymentId`]: paymentId, ...(added && { [`history.${length}`]: added }) };
}

function withPath(path: string, fields: object): object {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${path}.${name}`, value]));
}
