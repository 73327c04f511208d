import { requiredVariables } from '../tests/support/required-variables.ts';
import { readConfig } from './config.ts';
import { createShutdown, shutdownParts, stopPart } from './shutdown.ts';

test('When every part takes as long as it may to stop, then all of it is done some seconds before the end of the grace', () => {
  const all = Object.values(shutdownParts).reduce((sum, { limitMs }) => sum + limitMs, 0);
  expect(readConfig(requiredVariables).shutdownGraceMs - all).toBeGreaterThanOrEqual(4_000);
  for (const { finishMs, limitMs } of Object.values(shutdownParts))
    expect(finishMs).toBeLessThanOrEqual(limitMs);
});

describe('When a part is stopped', () => {
  const limits = { finishMs: 10, limitMs: 60_000 };
  const never = () => new Promise(() => undefined);

  test('then it is waited for', async () => {
    let done = false;
    await stopPart('broker', async () => {
      await new Promise(setImmediate);
      done = true;
    });
    expect(done).toBe(true);
  });

  test('then it learns by a signal that it is to give up what it has not finished', async () => {
    const stop = (finish: AbortSignal) =>
      new Promise<void>((resolve) => {
        expect(finish.aborted).toBe(false);
        finish.addEventListener('abort', () => resolve());
      });
    await stopPart('relay', stop, limits);
  });

  test('then one that takes too long is not waited for, and named', async () => {
    const stopping = stopPart('relay', never, { finishMs: 10, limitMs: 20 });
    await expect(stopping).rejects.toThrow('relay: not stopped within 20 ms');
  });

  test('then its failure is the caller’s', async () => {
    await expect(stopPart('relay', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});

describe('When a service stops', () => {
  test('then it drains first, and the parts stop in the order that is written down, whenever they were started', async () => {
    const shutdown = createShutdown();
    const steps: string[] = [];
    shutdown.add('probes', async () => steps.push('probes'));
    shutdown.add('requests', async () => steps.push('requests'));
    shutdown.add('database', async () => steps.push('database'));
    shutdown.onDraining(() => steps.push('draining'));
    await Promise.all([shutdown.stop(0), shutdown.stop(0)]);
    expect(steps).toEqual(['draining', 'requests', 'database', 'probes']);
  });

  test('then one that fails to stop does not keep the others from it', async () => {
    const shutdown = createShutdown();
    let isClosed = false;
    shutdown.add('relay', () => Promise.reject(new Error('broken')));
    shutdown.add('database', async () => {
      isClosed = true;
    });
    await expect(shutdown.stop(0)).rejects.toThrow('not stopped properly: Error: broken');
    expect(isClosed).toBe(true);
  });
});
