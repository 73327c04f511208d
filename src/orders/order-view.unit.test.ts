import { cancelled, placed } from './order-change.ts';
import { orderDetailSchema, orderDetailView, orderSchema, orderView } from './order-view.ts';

const start = new Date('2030-01-01T00:00:00.123Z');
const [id, ticketId] = ['a'.repeat(24), 'b'.repeat(24)];
const ticket = { id: ticketId, title: 'Concert', price: 12.5, version: 3 };
const { order: fresh } = placed({ id, userId: 'anna', ticket, holdMs: 1_000 }, { now: start });
const { status } = cancelled(fresh, { now: new Date('2030-01-01T00:00:00.500Z') });
const order = { ...fresh, ...status, history: [...fresh.history, ...(status ? [status] : [])] };

const view = {
  id,
  userId: 'anna',
  status: 'cancelled',
  expiresAt: '2030-01-01T00:00:01.123Z',
  createdAt: '2030-01-01T00:00:00.123Z',
  version: 1,
  ticketId,
  ticket: { id: ticketId, title: 'Concert', price: 12.5, version: 3 },
};
const history = [
  { status: 'pending', version: 0, at: '2030-01-01T00:00:00.123Z', cause: 'buyer' },
  { status: 'cancelled', version: 1, at: '2030-01-01T00:00:00.500Z', cause: 'buyer' },
];

test('When an order is shown, then as agreed, with the ticket as it was, and as its schema says', () => {
  expect(orderView(order)).toMatchObject(view);
  expect(orderSchema.parse(orderView(order))).toMatchObject(view);
});

test('When one order is shown, then its history comes with it, oldest first, and as its schema says', () => {
  expect(orderDetailView(order)).toMatchObject({ ...view, history });
  expect(orderDetailSchema.parse(orderDetailView(order))).toMatchObject({ ...view, history });
});

test('When an order is in a list, then nothing of its past comes with it', () => {
  expect(orderView(order)).not.toHaveProperty('history');
  expect(orderView(order)).not.toHaveProperty('payments');
});

test.each([
  ['id', 7],
  ['userId', null],
  ['status', 'open'],
  ['expiresAt', 'tomorrow'],
  ['createdAt', '2030-01-01'],
  ['version', -1],
  ['version', 0.5],
  ['ticketId', undefined],
  ['ticket', { ...view.ticket, id: 7 }],
  ['ticket', { ...view.ticket, title: 7 }],
  ['ticket', { ...view.ticket, price: -1 }],
  ['ticket', { ...view.ticket, price: '20' }],
  ['ticket', { ...view.ticket, version: -1 }],
  ['ticket', { ...view.ticket, version: 0.5 }],
])('When an answer had %s as %j, then it would not be as described', (field, value) => {
  expect(orderSchema.safeParse({ ...orderView(order), [field]: value }).success).toBe(false);
});

test.each([
  ['status', 'open'],
  ['version', -1],
  ['at', 'yesterday'],
  ['cause', 'chance'],
])('When a history had %s as %j, then it would not be as described', (field, value) => {
  const spoilt = { ...orderDetailView(order), history: [{ ...history[0], [field]: value }] };
  expect(orderDetailSchema.safeParse(spoilt).success).toBe(false);
});
