import { eventually } from '../../tests/support/eventually.ts';
import { gather } from './gather.ts';

test('When several ask in one turn, then they share one act, and each gets its own outcome', async () => {
  const acts: number[][] = [];
  const double = gather(async (numbers: number[]) => {
    acts.push(numbers);
    return numbers.map((number) => (number === 2 ? new Error('not two') : number * 2));
  });
  const outcomes = await Promise.allSettled([double(1), double(2), double(3)]);
  expect(acts).toEqual([[1, 2, 3]]);
  expect(outcomes).toMatchObject([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: { message: 'not two' } },
    { status: 'fulfilled', value: 6 },
  ]);
});

test('When one asks later, then it does not wait for the others', async () => {
  const acts: number[][] = [];
  let release: () => void = () => undefined;
  const slowFirst = gather(async (numbers: number[]) => {
    acts.push(numbers);
    if (numbers.includes(1)) await new Promise<void>((resolve) => (release = resolve));
    return numbers;
  });
  const first = slowFirst(1);
  await new Promise(setImmediate);
  expect(await slowFirst(2)).toBe(2);
  release();
  expect(await first).toBe(1);
  expect(acts).toEqual([[1], [2]]);
});

test('When as many acts are under way as may be, then who asks meanwhile shares the next one', async () => {
  const acts: number[][] = [];
  const releases: (() => void)[] = [];
  const one = gather(
    async (numbers: number[]) => {
      acts.push(numbers);
      await new Promise<void>((resolve) => releases.push(resolve));
      return numbers;
    },
    { together: 2, underWay: 1 },
  );
  const answers = [one(1)];
  await new Promise(setImmediate);
  for (const number of [2, 3, 4]) answers.push(one(number));
  await new Promise(setImmediate);
  expect(acts).toEqual([[1]]);
  for (const wanted of [2, 3]) {
    releases.shift()?.();
    await eventually(() => acts.length === wanted);
  }
  expect(acts).toEqual([[1], [2, 3], [4]]);
  releases.shift()?.();
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4]);
});

test('When more ask than one act may have, then there are several', async () => {
  const sizes: number[] = [];
  const count = gather(
    async (items: number[]) => {
      sizes.push(items.length);
      return items;
    },
    { together: 2, underWay: 4 },
  );
  await Promise.all([1, 2, 3, 4, 5].map(count));
  expect(sizes).toEqual([2, 2, 1]);
});

test('When the act fails as a whole, then all that were in it fail, and the next ones do not', async () => {
  const act = gather(async (items: number[]) => {
    if (items.includes(1)) throw new Error('away');
    return items;
  });
  const outcomes = await Promise.allSettled([act(1), act(2)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await act(3)).toBe(3);
});
