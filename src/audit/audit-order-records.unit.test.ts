import mongoose from 'mongoose';
import { at, found, fresh, id, start } from '../../tests/support/audited-orders.ts';
import { changed } from '../../tests/support/memory-order-store.ts';
import type { Order } from '../orders/domain/order.ts';
import * as transitions from '../orders/domain/transitions.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';
import { auditOrder } from './audit-order.ts';

/** Orders as other releases, and repairs by hand, leave them. */

const { order, event } = fresh;

/** A sound record; the events of its changes have left. */
function recordOf({ id: orderId, ticketId, ...rest }: Order): OrderRecord {
  const _id = new mongoose.Types.ObjectId(orderId);
  return { ...rest, _id, ticketId: new mongoose.Types.ObjectId(ticketId), holdsTicket: true, outbox: [] };
}

test('When a stored order cannot be read, then only that is found, and the order is named', () => {
  const history = 'a repair' as unknown as OrderRecord['history'];
  expect(auditOrder({ ...recordOf(order), history, version: 7 }, start)).toEqual([
    {
      severity: 'broken',
      rule: 'document_is_readable',
      subject: id,
      detail: expect.stringMatching(/^history: .*array/) as unknown,
    },
  ]);
});

test('When an order was stored before holds could be extended, then nothing is found', () => {
  const { extensions: _none, ...record } = recordOf(order);
  expect(found(record, start)).toEqual([]);
});

test('When a payment came late, and 0.1 has left the end of the hold that the order kept before, then nothing is found', () => {
  const expired = changed(order, transitions.expire(order, 'expiry', { now: at(1) }));
  const paid = changed(expired, transitions.pay(expired, { id: 'pay_1' }, { now: at(2) }));
  expect(found({ ...recordOf(paid), keptUntil: start }, at(60_000))).toEqual([]);
});

test('When an event waits of which nobody knows the time, then the others tell since when they wait', () => {
  const { at: _at, ...untimed } = { ...event, eventId: `${id}:9` };
  const outbox = [event, untimed];
  const unknown = `broken events_fit_history: ${id}:9 waits in the outbox, but nothing of the kind has happened`;
  const record = { ...recordOf(order), relayDueAt: start };
  expect(found({ ...record, outbox }, at(60_001))).toEqual([
    unknown,
    'broken events_leave_within_a_minute: 2 events wait since 2030-01-01T00:00:00.000Z',
  ]);
  expect(found({ ...record, outbox: [untimed] }, at(60_001))).toEqual([unknown]);
});
