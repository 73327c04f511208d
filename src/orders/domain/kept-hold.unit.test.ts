import { decideKeptHold, isKeptHold, type KeptHold } from './kept-hold.ts';
import { orderStatuses } from './order.ts';

const now = new Date('2030-01-01T00:00:00Z');
const at = (ms: number) => new Date(now.getTime() + ms);
const sent: KeptHold = {
  ...{ orderId: 'a'.repeat(24), status: 'cancelled', version: 1 },
  ...{ until: undefined, isEventPending: false },
};
const unsent: KeptHold = { ...sent, isEventPending: true };

test.each<[string, KeptHold, object]>([
  ['has its event still to be sent', unsent, { kind: 'counts', availableAt: at(6_000) }],
  ['has no end', sent, { kind: 'has_no_end', availableAt: at(6_000) }],
  ['ends in a millisecond', { ...sent, until: at(1) }, { kind: 'counts', availableAt: at(1) }],
  ['ends now', { ...sent, until: now }, { kind: 'over' }],
  ['ended before its event was sent again', { ...unsent, until: now }, { kind: 'over' }],
])('When a kept hold %s, then its end decides', (_, keptHold, decision) => {
  expect(decideKeptHold(keptHold, 6_000, now)).toEqual(decision);
});

test('When there is no spacing, then every kept hold is over', () => {
  for (const keptHold of [unsent, sent, { ...sent, until: at(60_000) }])
    expect(decideKeptHold(keptHold, 0, now)).toEqual({ kind: 'over' });
});

test('When a cancelled or expired order holds its ticket, then it keeps its hold, and no other does', () => {
  const kept = orderStatuses.filter((status) => isKeptHold({ status, holdsTicket: true }));
  expect(kept).toEqual(['cancelled', 'expired']);
  expect(orderStatuses.some((status) => isKeptHold({ status }))).toBe(false);
});
