import { eventually } from '../../../tests/support/eventually.ts';
import { currentContext } from '../process/work-context.ts';
import { DeadlineExceeded, remainingMs, withDeadline } from '../time/deadline.ts';
import { createBatcher, TooManyWaiting } from './batcher.ts';

/** A batcher of numbers whose batches end when the test says so. */
function heldBack(options: { maxBatchSize?: number; concurrency?: number; maxWaiting?: number } = {}) {
  const batches: number[][] = [];
  const releases: (() => void)[] = [];
  const one = createBatcher({
    ...options,
    async runBatch(numbers: number[]) {
      batches.push(numbers);
      await new Promise<void>((resolve) => releases.push(resolve));
      return numbers;
    },
  });
  return { one, batches, release: () => releases.shift()?.() };
}

/** Starts a batch with the number, and leaves it running. */
async function begin(
  { one, batches }: ReturnType<typeof heldBack>,
  number: number,
): Promise<Promise<number>[]> {
  const answers = [one(number)];
  await eventually(() => batches.length > 0);
  return answers;
}

test('When several items come in one turn, then they share one batch, and each gets its own outcome', async () => {
  const batches: number[][] = [];
  const double = createBatcher({
    async runBatch(numbers: number[]) {
      batches.push(numbers);
      return numbers.map((number) => (number === 2 ? new Error('not two') : number * 2));
    },
  });
  const outcomes = await Promise.allSettled([double(1), double(2), double(3)]);
  expect(batches).toEqual([[1, 2, 3]]);
  expect(outcomes).toMatchObject([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: { message: 'not two' } },
    { status: 'fulfilled', value: 6 },
  ]);
});

test('When one comes later, then it does not wait for the others', async () => {
  const slow = heldBack();
  const [first] = await begin(slow, 1);
  const second = slow.one(2);
  await eventually(() => slow.batches.length === 2);
  slow.release();
  slow.release();
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(slow.batches).toEqual([[1], [2]]);
});

test('When the maximum of batches is running, then the items that come share the next one', async () => {
  const slow = heldBack({ maxBatchSize: 2, concurrency: 1 });
  const answers = await begin(slow, 1);
  for (const number of [2, 3, 4]) answers.push(slow.one(number));
  await new Promise(setImmediate);
  expect(slow.batches).toEqual([[1]]);
  for (const wanted of [2, 3]) {
    slow.release();
    await eventually(() => slow.batches.length === wanted);
  }
  expect(slow.batches).toEqual([[1], [2, 3], [4]]);
  slow.release();
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4]);
});

test('When there are more items than one batch may have, then there are several', async () => {
  const sizes: number[] = [];
  const count = createBatcher({
    async runBatch(items: number[]) {
      sizes.push(items.length);
      return items;
    },
    maxBatchSize: 2,
    concurrency: 4,
  });
  await Promise.all([1, 2, 3, 4, 5].map(count));
  expect(sizes).toEqual([2, 2, 1]);
});

test('When the batch fails as a whole, then all that were in it fail, and the next ones do not', async () => {
  const act = createBatcher({
    async runBatch(items: number[]) {
      if (items.includes(1)) throw new Error('away');
      return items;
    },
  });
  const outcomes = await Promise.allSettled([act(1), act(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await act(3)).toBe(3);
});

test('When the maximum of items waits, then the next one is refused at once, and those that wait are not', async () => {
  const slow = heldBack({ concurrency: 1, maxWaiting: 2 });
  const answers = await begin(slow, 1);
  answers.push(slow.one(2), slow.one(3));
  await expect(slow.one(4)).rejects.toThrow(TooManyWaiting);
  slow.release();
  await eventually(() => slow.batches.length === 2);
  slow.release();
  expect(await Promise.all(answers)).toEqual([1, 2, 3]);
});

test('When the deadline of a waiting item passes, then it is never begun, and those behind it are', async () => {
  const slow = heldBack({ concurrency: 1 });
  const answers = await begin(slow, 1);
  const late: Promise<unknown>[] = [];
  await withDeadline(1, async () => {
    late.push(slow.one(2).catch((error: unknown) => error));
  });
  answers.push(slow.one(3));
  slow.release();
  await eventually(() => slow.batches.length === 2);
  slow.release();
  expect(await Promise.all(answers)).toEqual([1, 3]);
  expect(await Promise.all(late)).toEqual([expect.any(DeadlineExceeded)]);
  expect(slow.batches).toEqual([[1], [3]]);
});

test('When an item has hardly any time left, then it comes into no batch', async () => {
  const echo = createBatcher({ runBatch: async (numbers: number[]) => numbers });
  await expect(withDeadline(249, () => echo(1))).rejects.toThrow(DeadlineExceeded);
  expect(await withDeadline(5_000, () => echo(1))).toBe(1);
});

test('When a batch runs, then it has the earliest deadline of its items, and none when none has one', async () => {
  const left: number[] = [];
  const measure = createBatcher({
    async runBatch(numbers: number[]) {
      left.push(remainingMs());
      return numbers;
    },
  });
  await Promise.all([
    measure(1),
    withDeadline(60_000, () => measure(2)),
    withDeadline(90_000, () => measure(3)),
  ]);
  await measure(4);
  expect(left[0]).toBeGreaterThan(30_000);
  expect(left[0]).toBeLessThanOrEqual(60_000);
  expect(left[1]).toBe(Number.POSITIVE_INFINITY);
});

test('When a batch runs, then it is in the context of no item, and each of those who wait is in its own again', async () => {
  const ofBatches: unknown[] = [];
  const echo = createBatcher({
    async runBatch(numbers: number[]) {
      ofBatches.push(currentContext().requestId);
      return numbers;
    },
  });
  const ask = (requestId: string) =>
    withDeadline(
      60_000,
      async () => {
        await echo(1);
        return currentContext().requestId;
      },
      { requestId },
    );
  expect(await Promise.all([ask('one'), ask('two')])).toEqual(['one', 'two']);
  expect(ofBatches).toEqual([undefined]);
});
