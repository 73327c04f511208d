import { waitUntil } from './wait-until.ts';

const onTimeout = (cause: unknown) => new Error('too late', { cause });

test('When a check throws and then holds, then the wait is over', async () => {
  let calls = 0;
  const check = () => {
    calls += 1;
    if (calls < 3) throw new Error('not yet');
    return true;
  };
  await waitUntil(check, { timeoutMs: 5_000, everyMs: 1, onTimeout });
  expect(calls).toBe(3);
});

test('When a check never holds, then the error has its last error as the cause', async () => {
  const broken = new Error('broken');
  const check = () => Promise.reject(broken);
  await expect(waitUntil(check, { timeoutMs: 5, everyMs: 1, onTimeout })).rejects.toMatchObject({
    message: 'too late',
    cause: broken,
  });
});

test('When the last check only did not hold, then an earlier error is no cause', async () => {
  let calls = 0;
  const check = () => {
    calls += 1;
    if (calls === 1) throw new Error('at first');
    return false;
  };
  const waiting = waitUntil(check, { timeoutMs: 50, everyMs: 1, onTimeout });
  await expect(waiting).rejects.toMatchObject({ message: 'too late', cause: undefined });
});
