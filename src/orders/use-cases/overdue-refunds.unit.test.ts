import { watchOverdueRefunds } from './overdue-refunds.ts';

const now = new Date('2030-01-01T00:00:10Z');

function watched(isThere = false) {
  const seen = { isThere, builds: 0, until: [] as Date[] };
  const watch = watchOverdueRefunds({
    refunds: {
      isIndexThere: async () => seen.isThere,
      countOverdueRefunds: async (until) => {
        seen.until.push(until);
        return 7;
      },
    },
    async buildIndex() {
      seen.builds++;
      if (seen.builds === 1) throw new Error('no disk');
      seen.isThere = true;
    },
    alertMs: 4_000,
    clock: () => now,
  });
  return { seen, watch };
}

test('When the index is there, then those are counted that were asked for so long ago', async () => {
  const { seen, watch } = watched(true);
  await watch.checkIndex();
  expect(await watch.count()).toBe(7);
  expect(seen).toEqual({ isThere: true, builds: 0, until: [new Date('2030-01-01T00:00:06Z')] });
});

test('When the index is missing, then nothing is counted until it is built, and it is built again when somebody drops it', async () => {
  const { seen, watch } = watched();
  expect(await watch.count()).toBeUndefined();
  await expect(watch.checkIndex()).rejects.toThrow('no disk');
  expect(await watch.count()).toBeUndefined();
  await watch.checkIndex();
  expect(await watch.count()).toBe(7);
  seen.isThere = false;
  await watch.checkIndex();
  expect([seen.builds, seen.until.length]).toEqual([3, 1]);
});
