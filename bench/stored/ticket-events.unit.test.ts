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
  const seen = new Map<string, number>();
  let early = 0;
  for (const { data } of new Set(wild)) {
    if (data.version !== (seen.get(data.id) ?? -1) + 1) early++;
    seen.set(data.id, data.version);
  }
  expect(early / calm.length).toBeGreaterThan(0.07);
  expect(early / calm.length).toBeLessThan(0.16);
});
