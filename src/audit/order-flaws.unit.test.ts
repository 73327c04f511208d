import {
  at,
  cancel,
  expire,
  extend,
  found,
  fresh,
  giveBack,
  id,
  pay,
  recordAfter,
  withHistory,
  without,
} from '../../tests/support/audited-orders.ts';
import type { OrderRecord } from '../orders/store/order-model.ts';

test.each<[OrderRecord, string]>([
  [without(recordAfter(), 'holdsTicket'), 'hold_fits_status: is pending and does not hold its ticket'],
  [without(recordAfter(pay), 'holdsTicket'), 'hold_fits_status: is paid and does not hold its ticket'],
  [
    { ...recordAfter(cancel), holdsTicket: true, keptUntil: at(-9_998) },
    'holds_end_in_time: keeps its hold, which was over at 2029-12-31T23:59:50.002Z',
  ],
  [{ ...recordAfter(pay), pendingSlot: 0 }, 'slot_fits_status: is paid and keeps pending slot 0 of its user'],
  [
    { ...withHistory(recordAfter(pay), 1, { version: 2 }), outbox: [fresh.event] },
    'history_fits_version: the versions in its history have a gap',
  ],
  [
    withHistory(recordAfter(), 0, { status: 'expired' }),
    'history_fits_version: its history does not begin with pending',
  ],
  [
    withHistory(recordAfter(expire, pay), 1, { status: 'cancelled' }),
    'history_fits_version: its history has a change to paid that is not allowed',
  ],
  [
    withHistory(recordAfter(pay, giveBack), 2, { cause: 'buyer' }),
    'history_fits_version: its history has a change to cancelled that is not allowed',
  ],
  [{ ...recordAfter(expire, pay), status: 'pending' }, 'history_fits_version: its history ends with paid'],
  [
    withHistory(recordAfter(pay), 1, { status: 'cancelled' }),
    'history_fits_version: its history ends with cancelled',
  ],
  [
    without(recordAfter(), 'relayDueAt'),
    'events_fit_history: events wait in an outbox that no sweep looks at',
  ],
  [
    { ...recordAfter(pay), outbox: recordAfter(pay).outbox.toReversed() },
    'events_fit_history: the events in the outbox are out of order',
  ],
  [
    { ...recordAfter(), outbox: [fresh.event, fresh.event] },
    'events_fit_history: the events in the outbox are out of order',
  ],
  [
    { ...recordAfter(), outbox: recordAfter(pay).outbox },
    `events_fit_history: ${id}:1 waits in the outbox, but nothing of the kind has happened`,
  ],
])('When a promise is broken, then that is found, and nothing else (%#)', (record, finding) => {
  expect(found(record)).toEqual([`broken ${finding}`]);
});

describe('When a hold was extended', () => {
  const record = recordAfter(extend, extend, pay);
  const [created, once, twice, bought] = record.outbox;
  if (!created || !once || !twice || !bought) throw new Error('four events were to wait');
  const withExtension = (index: number, spoilt: object): OrderRecord => ({
    ...record,
    extensions: (record.extensions ?? []).map((one, at) => (at === index ? { ...one, ...spoilt } : one)),
  });

  test.each<[string, OrderRecord, string]>([
    ['ends otherwise', { ...record, expiresAt: at(900_000) }, 'its hold was extended until 2030-01-01T00:17'],
    ['begins elsewhere', withExtension(1, { from: at(0) }), 'extension 2 of its hold does not begin where'],
    ['adds nothing', withExtension(1, { to: at(960_000) }), 'extension 2 of its hold adds no time'],
  ])('and %s, then that is found, and nothing else', (_, spoilt, detail) => {
    expect(found(spoilt)).toEqual([expect.stringContaining(`broken extensions_fit_end: ${detail}`)]);
  });

  test('and its numbers have a gap, then that is found', () => {
    const spoilt = { ...withExtension(1, { n: 3 }), outbox: [created, once, bought] };
    expect(found(spoilt)).toEqual(['broken extensions_fit_end: extension 2 of its hold has the number 3']);
  });

  test.each([
    [[once, created, twice, bought]],
    [[created, twice, once, bought]],
    [[created, once, bought, twice]],
    [[created, once, once]],
  ])('and its events wait in another order, then that is found (%#)', (outbox) => {
    expect(found({ ...record, outbox })).toEqual([
      'broken events_fit_history: the events in the outbox are out of order',
    ]);
  });

  test('and nothing tells of it but its event, then that is found', () => {
    expect(found({ ...recordAfter(), outbox: [created, once] })).toEqual([
      `broken events_fit_history: ${id}:extension:1 waits in the outbox, but nothing of the kind has happened`,
    ]);
  });

  test('and its event waits for more than a minute, then that is found', () => {
    const waits = (ms: number) => found({ ...record, outbox: [twice] }, at(ms)).join();
    expect(waits(60_001)).not.toContain('events wait');
    expect(waits(60_002)).toContain('1 events wait since 2030-01-01T00:00:00.001Z');
  });
});

test('When an order has no history at all, then that is found', () => {
  expect(found({ ...recordAfter(), history: [], outbox: [] })).toContain(
    'broken history_fits_version: version 0 with 0 changes in its history',
  );
});
