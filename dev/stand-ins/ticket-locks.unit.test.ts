import { createTicketLocks, type KnownOrder } from './ticket-locks.ts';

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

function holderAfter(events: KnownOrder[]): string | undefined {
  const locks = createTicketLocks();
  for (const event of events) locks.learn(event);
  return locks.holderOf(ticketId)?.id;
}

/** Every order of the events, and every order of the events with each of them twice (the same ones once). */
function arrivals(events: KnownOrder[]): KnownOrder[][] {
  const doubled = permutations([...events, ...events].map((event, index) => ({ event, index })));
  return [...permutations(events), ...doubled.map((arrival) => arrival.map(({ event }) => event))];
}

test.each([
  ['an order is placed', [created], 'first'],
  ['it is cancelled or expires', [created, expired], undefined],
  ['it is paid in time', [created, order('first', 1, 'paid')], 'first'],
  ['it is paid late', [created, expired, paidLate], 'first'],
  ['another buyer takes the ticket over', [created, expired, takenOver], 'second'],
  [
    'that buyer cancels, and the first pays late',
    [created, expired, takenOver, secondCancelled, paidLate],
    'first',
  ],
])(
  'When %s, then in whatever order and however often the events come, the ticket is locked for the same order',
  (_, events, holder) => {
    const tried = events.length > 4 ? permutations(events).flatMap(doubledEnds) : arrivals(events);
    expect(new Set(tried.map(holderAfter))).toEqual(new Set([holder]));
  },
);

/** All permutations of ten events are too many: the whole arrival twice, and again backwards. */
function doubledEnds(arrival: KnownOrder[]): KnownOrder[][] {
  return [
    [...arrival, ...arrival],
    [...arrival, ...arrival.toReversed()],
  ];
}

test('When an order that does not hold the ticket is cancelled, then the ticket stays locked', () => {
  expect(holderAfter([created, takenOver, expired])).toBe('second');
});

test('When an event comes again, then it is no news', () => {
  const locks = createTicketLocks();
  expect([created, created, expired, created, expired].map((event) => locks.learn(event))).toEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
});
