import pino from 'pino';
import { eventually } from '../../../tests/support/eventually.ts';
import { currentContext, runInContext, type WorkContext } from '../process/work-context.ts';
import { backoff, repeat } from './repeat.ts';

test('When attempts fail in a row, then the pause doubles up to its cap, and half of it is random', () => {
  for (const [attempt, full] of [
    [0, 100],
    [1, 200],
    [4, 1_600],
    [5, 2_000],
    [5_000, 2_000],
  ] as const) {
    const pauses = Array.from({ length: 200 }, () => backoff(attempt, 100, 2_000));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(full / 2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(full);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(full / 4);
  }
});

test('When a request starts a loop or wakes it, then the passes are not in its context', async () => {
  const context: WorkContext = { endsAt: 0, requestId: 'one' };
  const seen: WorkContext[] = [];
  const pass = async () => void seen.push(currentContext());
  const loop = runInContext(context, () => repeat('a loop', 3_600_000, pass, pino({ level: 'silent' })));
  try {
    await eventually(() => seen.length === 1);
    runInContext(context, loop.wake);
    await eventually(() => seen.length === 2);
    expect(seen.map(({ requestId }) => requestId)).toEqual([undefined, undefined]);
  } finally {
    await loop.stop();
  }
});
