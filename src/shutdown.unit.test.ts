import { requiredVariables } from '../tests/support/required-variables.ts';
import { readConfig } from './config.ts';
import { shutdownLimits, stopInTime } from './shutdown.ts';

test('When every part takes as long as it may to stop, then all of it is done some seconds before the end of the grace', () => {
  const all = Object.values(shutdownLimits).reduce((sum, limit) => sum + limit, 0);
  expect(readConfig(requiredVariables).shutdownGraceMs - all).toBeGreaterThanOrEqual(4_000);
});

describe('When a part is stopped', () => {
  const limits = { ...shutdownLimits, relay: 20 };

  test('then it is waited for', async () => {
    let done = false;
    await stopInTime('broker', async () => {
      await new Promise(setImmediate);
      done = true;
    });
    expect(done).toBe(true);
  });

  test('then one that takes too long is not waited for, and named', async () => {
    const never = () => new Promise(() => undefined);
    await expect(stopInTime('relay', never, limits)).rejects.toThrow('relay: not stopped within 20 ms');
  });

  test('then what it fails with is told', async () => {
    await expect(stopInTime('relay', () => Promise.reject(new Error('broken')), limits)).rejects.toThrow(
      'broken',
    );
  });
});
