import { createBackgroundIndex } from './background-index.ts';

test('When the index is in force, then it is ready; dropped, it is built again', async () => {
  let [exists, built] = [true, 0];
  const index = await createBackgroundIndex({
    isThere: async () => exists,
    build: async () => void built++,
  });
  expect(index.isReady()).toBe(true);
  await index.check();
  // The server has nothing to do for what is in force, and says so at once.
  expect(built).toBe(1);
  exists = false;
  await index.check();
  expect([index.isReady(), built]).toEqual([true, 2]);
});

test('When another replica is still building it, then it is listed, and ready only at the end of that', async () => {
  let finish: () => void = () => undefined;
  const built = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const index = await createBackgroundIndex({ isThere: async () => true, build: () => built, inForceMs: 1 });
  expect(index.isReady()).toBe(false);
  const checked = index.check();
  expect(index.isReady()).toBe(false);
  finish();
  await checked;
  expect(index.isReady()).toBe(true);
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
