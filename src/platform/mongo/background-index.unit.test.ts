import { createBackgroundIndex } from './background-index.ts';

test('When the index is there, then it is ready and not built; dropped, it is built again', async () => {
  let [exists, built] = [true, 0];
  const index = await createBackgroundIndex({
    isThere: async () => exists,
    build: async () => void built++,
  });
  expect(index.isReady()).toBe(true);
  await index.check();
  expect(built).toBe(0);
  exists = false;
  await index.check();
  expect([index.isReady(), built]).toEqual([true, 1]);
});

test('When the index cannot be built, then it is not ready, until it can', async () => {
  const disk: { isFull: boolean } = { isFull: true };
  const build = async () => {
    if (disk.isFull) throw new Error('no room');
  };
  const index = await createBackgroundIndex({ isThere: async () => false, build });
  expect(index.isReady()).toBe(false);
  await expect(index.check()).rejects.toThrow('no room');
  expect(index.isReady()).toBe(false);
  disk.isFull = false;
  await index.check();
  expect(index.isReady()).toBe(true);
});
