import { atMostEvery } from './at-most-every.ts';

test('When it is asked for often, then it is read once in that time, whether it succeeds or fails', async () => {
  let uptime = 7;
  let reads = 0;
  const read = atMostEvery(
    5_000,
    async () => {
      reads++;
      if (reads === 2) throw new Error('away');
      return reads;
    },
    () => uptime,
  );
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  uptime += 4_999;
  expect(await read()).toBe(1);
  uptime += 1;
  await expect(read()).rejects.toThrow('away');
  await expect(read()).rejects.toThrow('away');
  expect(reads).toBe(2);
  uptime += 5_000;
  expect(await read()).toBe(3);
});
