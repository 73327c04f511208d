import { z } from 'zod';
import { commonFields, type OrderEventOf, orderEvent } from './order-event.ts';

const schema = z.object({ ...commonFields, id: z.string(), gift: z.string().optional() });
type Sample = OrderEventOf<'sample', z.infer<typeof schema>>;
const now = new Date('2030-01-01T00:00:00Z');

test('When an optional field of an event is not named, then it does not compile; named, it is sent where it is given', () => {
  // @ts-expect-error `gift` has to be named.
  const forgotten: Sample = orderEvent('sample', 'e', { now }, { id: 'a' });
  const absent: Sample = orderEvent('sample', 'e', { now }, { id: 'a', gift: undefined });
  const given: Sample = orderEvent('sample', 'e', { now, correlationId: 'r' }, { id: 'a', gift: 'card' });
  expect(forgotten).toEqual(absent);
  expect(absent).toEqual({ eventId: 'e', subject: 'sample', at: now, data: { eventId: 'e', id: 'a' } });
  expect(Object.keys(absent.data)).toEqual(['eventId', 'id']);
  expect(given.data).toEqual({ eventId: 'e', correlationId: 'r', id: 'a', gift: 'card' });
});

test('When somebody else than a replay marks an event as replayed, then it does not compile', () => {
  // @ts-expect-error Only rebuild-events.ts says so.
  const marked: Sample = orderEvent('sample', 'e', { now }, { id: 'a', gift: undefined, replayed: true });
  expect(marked.subject).toBe('sample');
});
