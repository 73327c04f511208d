import { createSendingSlots } from './sending-slots.ts';

test('When slots become free, then the first request gets the first one', () => {
  const slots = createSendingSlots(1);
  const started: string[] = [];
  for (const key of ['a', 'b', 'c']) slots.request(key, () => void started.push(key));
  expect(started).toEqual(['a']);
  slots.withdraw('b');
  slots.release(1);
  expect(started).toEqual(['a', 'c']);
});

test('When a request needs several slots, then it gets them before later requests', async () => {
  const slots = createSendingSlots(4);
  const started: string[] = [];
  for (const key of ['a', 'b', 'c', 'd']) slots.request(key, () => void started.push(key));
  const several = slots.take({ min: 2, max: 3 }).then((count) => started.push(`${count} at once`));
  slots.request('e', () => void started.push('e'));
  slots.release(1);
  expect(started).toEqual(['a', 'b', 'c', 'd']);
  slots.release(2);
  await several;
  expect(started).toEqual(['a', 'b', 'c', 'd', '3 at once']);
  slots.release(1);
  expect(started.at(-1)).toBe('e');
});
