import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { atEnd } from './at-end.ts';

export interface Answer {
  status: number;
  retryAfter: number | undefined;
  /** When it was there, and how long it took, in milliseconds of `performance.now()`. */
  at: number;
  tookMs: number;
}

/** Sends purchases at any time, however long earlier ones take. The connections close with the test file. */
export function createPurchaseSender(
  url: string,
): (headers: Record<string, string>, ticketId: string) => Promise<Answer> {
  const agent = new Agent({ keepAlive: true });
  atEnd(async () => agent.destroy());
  return (headers, ticketId) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const sent = request(`${url}/api/orders`, {
        agent,
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json' },
      });
      sent.once('error', reject);
      sent.once('response', (answer) => {
        answer.resume();
        const at = performance.now();
        const after = answer.headers['retry-after'];
        answer.once('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            retryAfter: after === undefined ? undefined : Number(after),
            at,
            tookMs: at - started,
          }),
        );
      });
      sent.end(JSON.stringify({ ticketId }));
    });
}

/** Calls `task` `perSecond` times a second until the signal aborts. Resolves when all calls have ended. */
export async function runAtRate(
  perSecond: number,
  until: AbortSignal,
  task: () => Promise<unknown>,
): Promise<void> {
  const running = new Set<Promise<unknown>>();
  const started = performance.now();
  for (let begun = 0; !until.aborted; await delay(5)) {
    const due = ((performance.now() - started) / 1_000) * perSecond;
    for (; begun < due && !until.aborted; begun++) {
      const one = task().finally(() => running.delete(one));
      running.add(one);
    }
  }
  await Promise.all(running);
}
