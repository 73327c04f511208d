import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { eventually } from '../../../tests/support/eventually.ts';
import { DeadlineExceeded, withDeadline } from '../time/deadline.ts';
import { limitPerUser } from './limit-per-user.ts';

/** A response that has been sent when its work has ended. */
const sent = { closed: true, once: jest.fn() };

/** A bound, and work under it that ends when it is told to. */
function rig() {
  const limit = limitPerUser();
  const begun: { user: string; end: () => void }[] = [];
  const work = (user: string) => () =>
    new Promise<string>((resolve) => void begun.push({ user, end: () => resolve('done') }));
  return { begun, start: (user: string) => limit(user, sent, work(user)), limit };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

test('When one user has four under way, then sixteen wait in turn, further ones are refused, and others are not held up', async () => {
  const { begun, start } = rig();
  const outcomes = Array.from({ length: 21 }, () => start('anna'));
  expect(await outcomes[20]).toBe('overloaded');
  expect(begun).toHaveLength(4);
  const other = start('bert');
  expect(begun.map(({ user }) => user)).toEqual(['anna', 'anna', 'anna', 'anna', 'bert']);
  begun.at(-1)?.end();
  expect(await other).toBe('done');
  for (let ended = 0; ended < 21; ended++) {
    begun[ended]?.end();
    await turns();
  }
  expect(await Promise.all(outcomes.slice(0, 20))).toEqual(Array(20).fill('done'));
  // All places are free again.
  expect(Array.from({ length: 4 }, () => start('anna'))).toHaveLength(4);
  expect(begun).toHaveLength(25);
});

test('When something fails, then the next one has its place', async () => {
  const { begun, start, limit } = rig();
  const failing = Array.from({ length: 4 }, () =>
    limit('anna', sent, () => Promise.reject(new Error('away'))),
  );
  const next = start('anna');
  await expect(Promise.all(failing)).rejects.toThrow('away');
  await turns();
  begun[0]?.end();
  expect(await next).toBe('done');
});

test('When the time of one that waits is over, then it is not begun any more, and those behind it are', async () => {
  const { begun, start } = rig();
  const running = Array.from({ length: 4 }, () => start('anna'));
  const late = withDeadline(1, () => start('anna'));
  const behind = start('anna');
  await expect(late).rejects.toBeInstanceOf(DeadlineExceeded);
  for (const { end } of begun.slice()) end();
  await Promise.all(running);
  await eventually(() => begun.length === 5);
  begun[4]?.end();
  expect(await behind).toBe('done');
});

test('When four answers are made and not read, then the next one waits until one of them has been, or its client has gone', async () => {
  const { limit } = rig();
  const responses = Array.from({ length: 4 }, () => Object.assign(new EventEmitter(), { closed: false }));
  const made = responses.map((response) =>
    limit('anna', response as unknown as ServerResponse, async () => 'made'),
  );
  expect(await Promise.all(made)).toEqual(Array(4).fill('made'));
  let next: string | undefined;
  const waiting = limit('anna', sent, async () => (next = 'made'));
  await turns();
  expect(next).toBeUndefined();
  responses[2]?.emit('close');
  expect(await waiting).toBe('made');
});
