import { changed } from '../../../tests/support/memory-order-store.ts';
import { ownStatusNames } from '../domain/status-names.ts';
import * as transitions from '../domain/transitions.ts';
import { viewOrders } from './order-view.ts';

const { listedOrderView, orderDetailSchema, orderDetailView, orderSchema, orderView } =
  viewOrders(ownStatusNames);

const start = new Date('2030-01-01T00:00:00.123Z');
const now = new Date('2030-01-01T00:00:00.600Z');
const [id, ticketId] = ['a'.repeat(24), 'b'.repeat(24)];
const ticket = { id: ticketId, title: 'Concert', price: 12.5, version: 3 };
const { order: fresh } = transitions.place({ id, userId: 'anna', ticket, holdMs: 1_000 }, { now: start });
const order = changed(fresh, transitions.cancel(fresh, { now: new Date('2030-01-01T00:00:00.500Z') }));

const view = {
  id,
  userId: 'anna',
  status: 'cancelled',
  expiresAt: '2030-01-01T00:00:01.123Z',
  holdSecondsLeft: 0,
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
  expect(orderView(order, now)).toMatchObject(view);
  expect(orderSchema.parse(orderView(order, now))).toMatchObject(view);
});

test('When one order is shown, then its history comes with it, oldest first, and as its schema says', () => {
  expect(orderDetailView(order, now)).toMatchObject({ ...view, history });
  expect(orderDetailSchema.parse(orderDetailView(order, now))).toMatchObject({ ...view, history });
});

test('When an order is shown while it holds its ticket, then with the seconds that are left, alone and in a list', () => {
  for (const view of [orderView, orderDetailView, listedOrderView]) {
    expect(view({ ...fresh, expiresAt: new Date('2030-01-01T00:15:00Z') }, now).holdSecondsLeft).toBe(900);
  }
});

test('When an order is in a list, then nothing of its past comes with it', () => {
  expect(orderView(order, now)).not.toHaveProperty('history');
  expect(orderView(order, now)).not.toHaveProperty('payments');
});

test('When an order is in a list, then it is shown as it is alone, with a longer title than lists have cut', () => {
  expect(listedOrderView(order, now)).toEqual(orderView(order, now));
  const long = { ...order, ticket: { ...order.ticket, title: 'x'.repeat(501) } };
  expect(listedOrderView(long, now).ticket).toEqual({ ...view.ticket, title: 'x'.repeat(500) });
  expect(orderView(long, now).ticket.title).toHaveLength(501);
});

test.each([
  ['id', 7],
  ['userId', null],
  ['status', 'open'],
  ['expiresAt', 'tomorrow'],
  ['holdSecondsLeft', -1],
  ['holdSecondsLeft', 0.5],
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
  expect(orderSchema.safeParse({ ...orderView(order, now), [field]: value }).success).toBe(false);
});

test.each([
  ['status', 'open'],
  ['version', -1],
  ['at', 'yesterday'],
  ['cause', 'chance'],
])('When a history had %s as %j, then it would not be as described', (field, value) => {
  const spoilt = { ...orderDetailView(order, now), history: [{ ...history[0], [field]: value }] };
  expect(orderDetailSchema.safeParse(spoilt).success).toBe(false);
});

test('When statuses have other names, then the answer and its history have these, and as their schemas say', () => {
  const names = { ...ownStatusNames, pending: 'created', cancelled: 'void' };
  const views = viewOrders(names);
  const detail = views.orderDetailView(order, now);
  expect(detail.status).toBe('void');
  expect(detail.history.map(({ status }) => status)).toEqual(['created', 'void']);
  expect(views.orderDetailSchema.parse(detail)).toEqual(detail);
  for (const shown of [views.orderView(order, now), views.listedOrderView(order, now)])
    expect(shown.status).toBe('void');
  expect(views.orderSchema.safeParse(orderView(order, now)).success).toBe(false);
  // Inside it is what it was.
  expect(views.orderView({ ...fresh, expiresAt: new Date('2030-01-01T00:15:00Z') }, now)).toMatchObject({
    status: 'created',
    holdSecondsLeft: 900,
  });
});
