import { getEventListeners } from 'node:events';
import { untilAborted } from './until-aborted.ts';

const never = new Promise<never>(() => undefined);

test('When the signal aborts, or has aborted, then work that is not done is not waited for', async () => {
  const controller = new AbortController();
  const waiting = untilAborted(never, controller.signal);
  controller.abort();
  await waiting;
  await untilAborted(never, controller.signal);
});

test('When the work is done first, then its failure is the caller’s', async () => {
  const { signal } = new AbortController();
  await untilAborted(Promise.resolve(), signal);
  await expect(untilAborted(Promise.reject(new Error('broken')), undefined)).rejects.toThrow('broken');
});

test('When it has waited many times on one signal, then the signal has no listener of it', async () => {
  const { signal } = new AbortController();
  await untilAborted(Promise.resolve(), signal);
  await expect(untilAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
