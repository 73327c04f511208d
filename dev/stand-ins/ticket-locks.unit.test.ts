import { createTicketLocks, type KnownOrder, readOrderEvent } from './ticket-locks.ts';

const ticketId = '65a000000000000000000001';
const order = (
  id: string,
  version: number,
  status: KnownOrder['status'],
  expiresAt?: string,
): KnownOrder => ({
  id,
  ticketId,
  version,
  status,
  ...(expiresAt && { expiresAt }),
});

const created = order('first', 0, 'pending', '2026-01-01T00:15:00.000Z');
const expired = order('first', 1, 'expired');
const paidLate = order('first', 2, 'paid');
const takenOver = order('second', 0, 'pending', '2026-01-01T00:31:00.000Z');
const secondCancelled = order('second', 1, 'cancelled');

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((others) => [item, ...others]),
  );
}

function holdingOrderAfter(events: KnownOrder[]): string | undefined {
  const locks = createTicketLocks();
  for (const event of events) locks.record(event);
  return locks.holdingOrder(ticketId)?.id;
}

/** Everything that may arrive: in any order, each event doubled at once, and all of it again, forwards or backwards. */
function arrivals(events: KnownOrder[]): KnownOrder[][] {
  return permutations(events).flatMap((arrival) => [
    arrival,
    arrival.flatMap((event) => [event, event]),
    [...arrival, ...arrival],
    [...arrival, ...arrival.toReversed()],
  ]);
}

test.each([
  ['is placed', [created], 'first'],
  ['expires', [created, expired], undefined],
  ['is paid in time', [created, order('first', 1, 'paid')], 'first'],
  ['is paid late', [created, expired, paidLate], 'first'],
  ['is taken over', [created, expired, takenOver], 'second'],
  [
    'is paid late, after another one was cancelled',
    [created, expired, takenOver, secondCancelled, paidLate],
    'first',
  ],
])(
  'When an order %s, then the ticket is locked for the same one however its events arrive',
  (_, events, expected) => {
    expect(new Set(arrivals(events).map(holdingOrderAfter))).toEqual(new Set([expected]));
  },
);

test('When an order that does not hold the ticket is cancelled, then the ticket stays locked', () => {
  expect(holdingOrderAfter([created, takenOver, expired])).toBe('second');
});

test('When an event comes again, then it is not recorded again', () => {
  const locks = createTicketLocks();
  expect([created, created, expired, created, expired].map((event) => locks.record(event))).toEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
});

test('When a message does not match the schema, then nothing is read from it', () => {
  const halves = [
    '',
    'not JSON',
    'null',
    JSON.stringify({ id: ticketId, version: 1, ticket: { id: ticketId } }),
  ];
  for (const message of halves)
    expect(readOrderEvent('order:cancelled', Buffer.from(message))).toBeUndefined();
});
