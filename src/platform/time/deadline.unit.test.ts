import { setImmediate as nextTurn } from 'node:timers/promises';
import { currentContext, outsideContext } from '../process/work-context.ts';
import { DeadlineExceeded, remainingMs, throwIfPastDeadline, withDeadline } from './deadline.ts';

test('When work is done in time, then its result is the result, and it knew how much time was left', async () => {
  const leftMs = await withDeadline(60_000, async () => {
    await nextTurn();
    throwIfPastDeadline();
    return remainingMs();
  });
  expect(leftMs).toBeGreaterThan(30_000);
  expect(leftMs).toBeLessThanOrEqual(60_000);
});

test('When work takes too long, then its caller gets an error, and nothing more is begun for it', async () => {
  let goOn: () => void = () => undefined;
  let rest: Promise<void> | undefined;
  const work = withDeadline(5, () => {
    rest = new Promise<void>((resolve) => (goOn = resolve)).then(throwIfPastDeadline);
    return rest;
  });
  await expect(work).rejects.toThrow(DeadlineExceeded);
  goOn();
  await expect(rest).rejects.toThrow(DeadlineExceeded);
});

test.each([
  ['answered', async () => 'done'],
  ['failed', async () => Promise.reject(new Error('no'))],
])('When work has %s early, then nothing more is begun for it either', async (_, outcome) => {
  let context = currentContext();
  const work = withDeadline(60_000, () => {
    context = currentContext();
    return outcome();
  });
  await work.catch(() => undefined);
  expect(remainingMs(context)).toBe(Number.NEGATIVE_INFINITY);
});

test('When work is part of other work, then the one that ends first counts', async () => {
  await withDeadline(60_000, async () => {
    await withDeadline(90_000, async () => expect(remainingMs()).toBeLessThanOrEqual(60_000));
    await withDeadline(1_000, async () => expect(remainingMs()).toBeLessThanOrEqual(1_000));
    expect(remainingMs()).toBeGreaterThan(30_000);
  });
});

test('When something goes on after the answer, then it has no deadline; nor has what is in no context', async () => {
  const afterwards = await withDeadline(60_000, async () =>
    outsideContext(async () => {
      await nextTurn();
      return remainingMs();
    }),
  );
  expect(afterwards).toBe(Number.POSITIVE_INFINITY);
  expect(remainingMs()).toBe(Number.POSITIVE_INFINITY);
  expect(throwIfPastDeadline).not.toThrow();
});
