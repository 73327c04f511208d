import { orderEventSchemas } from './order-events.ts';
import * as transitions from './transitions.ts';

const now = new Date('2030-01-01T00:00:00Z');
const context = { now, correlationId: 'req-1' };
const [id, ticketId] = ['a'.repeat(24), 'b'.repeat(24)];
const ticket = { id: ticketId, title: 'Concert', price: 12.5, version: 3 };
const { order, event: created } = transitions.place({ id, userId: 'u1', ticket, holdMs: 1_000 }, context);
const payment = { id: 'pay_1', stripeChargeId: 'ch_1' };
const earlier = { n: 1, at: now, from: now, to: now };
const common = { id, userId: 'u1', correlationId: 'req-1' };

test.each([
  [
    created,
    'order:created',
    `${id}:0`,
    {
      ...common,
      version: 0,
      status: 'pending',
      expiresAt: '2030-01-01T00:00:01.000Z',
      ticket: { id: ticketId, price: 12.5 },
    },
  ],
  [
    transitions.extendHold({ ...order, extensions: [earlier] }, new Date('2030-01-01T00:01:00Z'), context)
      .events[0],
    'order:hold-extended',
    `${id}:extension:2`,
    { ...common, expiresAt: '2030-01-01T00:01:00.000Z', ticket: { id: ticketId } },
  ],
  [
    transitions.cancel(order, context).events[0],
    'order:cancelled',
    `${id}:1`,
    { ...common, version: 1, status: 'cancelled', ticket: { id: ticketId } },
  ],
  [
    transitions.expire(order, 'takeover', context).events[0],
    'order:cancelled',
    `${id}:1`,
    { ...common, version: 1, status: 'expired', ticket: { id: ticketId } },
  ],
  [
    transitions.pay({ ...order, status: 'expired', version: 1 }, payment, context).events[0],
    'order:paid',
    `${id}:2`,
    { ...common, version: 2, status: 'paid', paymentId: 'pay_1', ticket: { id: ticketId, price: 12.5 } },
  ],
  [
    transitions.requireRefund(order, payment, 'ticket_taken', context).events[0],
    'order:refund-required',
    `${id}:refund:pay_1`,
    {
      ...common,
      orderId: id,
      paymentId: 'pay_1',
      stripeChargeId: 'ch_1',
      amount: 12.5,
      reason: 'ticket_taken',
    },
  ],
  [
    transitions.requireRefund(order, { id: '7' }, 'order_expired', context).events[0],
    'order:refund-required',
    `${id}:refund:7`,
    { ...common, orderId: id, paymentId: '7', amount: 12.5, reason: 'order_expired' },
  ],
])('When a change is made, then its event is exactly as agreed (%#)', (event, subject, eventId, data) => {
  expect(event).toStrictEqual({ subject, eventId, at: now, data: { ...data, eventId } });
  expect(orderEventSchemas[event.subject].parse(event.data)).toEqual(event.data);
});

test('When no request caused the change, then the event has no correlation id', () => {
  expect(transitions.cancel(order, { now }).events[0].data).not.toHaveProperty('correlationId');
});

test('When an operator has an event sent again, then it says so, and there is no other way to say it', () => {
  const schema = orderEventSchemas['order:created'];
  const replayed = { ...created.data, replayed: true };
  expect(schema.parse(replayed)).toEqual(replayed);
  expect(schema.safeParse({ ...created.data, replayed: false }).success).toBe(false);
});
