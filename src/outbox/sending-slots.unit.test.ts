import { createSendingSlots } from './sending-slots.ts';

test('When slots become free, then the first request gets the first one', () => {
  const slots = createSendingSlots(1);
  const begun: string[] = [];
  for (const key of ['a', 'b', 'c']) slots.request(key, () => void begun.push(key));
  expect(begun).toEqual(['a']);
  slots.withdraw('b');
  slots.release(1);
  expect(begun).toEqual(['a', 'c']);
});

test('When a request needs several slots, then it gets them before later requests', async () => {
  const slots = createSendingSlots(4);
  const begun: string[] = [];
  for (const key of ['a', 'b', 'c', 'd']) slots.request(key, () => void begun.push(key));
  const several = slots.take({ min: 2, max: 3 }).then((count) => begun.push(`${count} at once`));
  slots.request('e', () => void begun.push('e'));
  slots.release(1);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  slots.release(2);
  await several;
  expect(begun).toEqual(['a', 'b', 'c', 'd', '3 at once']);
  slots.release(1);
  expect(begun.at(-1)).toBe('e');
});
