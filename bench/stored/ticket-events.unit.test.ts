import { disturbed, inOrder, versionsEach } from './ticket-events.ts';

const ids = Array.from({ length: 200 }, (_, place) => place.toString(16).padStart(24, '0'));

test('When tickets have events, then each begins with its creation and has every version once', () => {
  const events = inOrder(ids);
  expect(events).toHaveLength(ids.length * versionsEach);
  const versions = events.filter(({ data }) => data.id === ids[7]).map(({ data }) => data.version);
  expect(versions).toEqual(Array.from({ length: versionsEach }, (_, version) => version));
  expect(new Set(events.slice(0, ids.length).map(({ subject }) => subject))).toEqual(
    new Set(['ticket:created']),
  );
});

test('When they are disturbed, then about a tenth is out of order and a tenth comes twice, and none is lost', () => {
  const calm = inOrder(ids);
  const wild = disturbed(calm);
  expect(wild).toHaveLength(calm.length * 1.1);
  expect(new Set(wild)).toEqual(new Set(calm));
  const moved = [...new Set(wild)].filter((event, place) => event !== calm[place]);
  expect(moved).toHaveLength(calm.length / 10);
});
