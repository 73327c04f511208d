import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { outsideContext } from '../process/work-context.ts';

export interface Repetition {
  /** Starts the next pass at once, or right after the one that is running. */
  wake(): void;
  /** Resolves when no pass is running and none will run again. */
  stop(): Promise<void>;
}

/** One pass of a loop. A long one stops early when the signal aborts: the loop is being stopped. */
export type Pass = (signal: AbortSignal) => Promise<unknown>;

/**
 * Runs `pass` again and again with a pause of `everyMs` milliseconds between two passes; passes never overlap.
 * A pass that fails is tried again after the pause. The first failure in a row is logged, and the recovery. Passes run
 * outside any context, also when a request starts or wakes the loop.
 */
export function repeat(name: string, everyMs: number, pass: Pass, log: Logger): Repetition {
  const stopping = new AbortController();
  let woken = false;
  let failing = false;
  let pause = new AbortController();

  async function runOnce(): Promise<void> {
    try {
      await pass(stopping.signal);
      if (failing) log.info({ loop: name }, 'loop works again');
      failing = false;
    } catch (error) {
      if (!failing) log.error({ loop: name, err: error }, 'loop failed, it will be tried again');
      failing = true;
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      pause = new AbortController();
      await runOnce();
      if (!woken && !stopping.signal.aborted) await sleep(everyMs, pause.signal);
    }
  }

  const running = outsideContext(run);
  return {
    wake() {
      woken = true;
      pause.abort();
    },
    async stop() {
      stopping.abort();
      pause.abort();
      await running;
    },
  };
}

/** Waits `milliseconds`, or until `signal` aborts, whichever comes first. Never rejects. */
export async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  // An abort is a normal end of the wait, not a failure.
  await wait(milliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
}

/** The time of this process, for what waits for its turn: one that only goes forward, and a `sleep` that an abort ends. */
export function processTime(signal: AbortSignal) {
  return { uptimeMs: () => performance.now(), sleep: (milliseconds: number) => sleep(milliseconds, signal) };
}

/** A pause that doubles with every failed attempt up to `capMs`, half of it random, in milliseconds. */
export function backoff(attempt: number, firstMs: number, capMs: number): number {
  const full = Math.min(capMs, firstMs * 2 ** attempt);
  return full / 2 + (Math.random() * full) / 2;
}
