import type { ServerResponse } from 'node:http';
import { throwIfPastDeadline } from '../time/deadline.ts';

/**
 * A page of 100 orders is some 300 kB, which are read, made and sent while everybody waits, and kept until they are sent.
 * Four at once are more than a page in a browser asks for, and those that wait behind them still come within their time.
 */
const maxUnderWay = 4;
const maxWaiting = 16;

interface Queue {
  underWay: number;
  /** Those who wait; each is called when it has the place of one that has been sent. */
  waiting: (() => void)[];
}

/**
 * Makes a bound on what one user has under way at a time: 4, and 16 more that wait for these, in turn. What comes of the
 * work is under way until the response has closed: a client who does not read it keeps others of its own waiting. Resolves
 * with `overloaded` for what comes on top. It holds users for as long as they have something under way.
 *
 * @throws DeadlineExceeded for one whose request was out of time when its turn came
 */
export function limitPerUser() {
  const queues = new Map<string, Queue>();

  return async <Result>(
    userId: string,
    response: Pick<ServerResponse, 'closed' | 'once'>,
    work: () => Promise<Result>,
  ): Promise<Result | 'overloaded'> => {
    const queue = queues.get(userId) ?? { underWay: 0, waiting: [] };
    queues.set(userId, queue);
    if (queue.underWay < maxUnderWay) queue.underWay++;
    else if (queue.waiting.length < maxWaiting)
      await new Promise<void>((resolve) => void queue.waiting.push(resolve));
    else return 'overloaded';

    try {
      throwIfPastDeadline();
      return await work();
    } finally {
      const free = () => freePlace(queue, userId);
      if (response.closed) free();
      else response.once('close', free);
    }
  };

  function freePlace(queue: Queue, userId: string): void {
    const next = queue.waiting.shift();
    if (next) next();
    else queue.underWay--;
    if (queue.underWay === 0) queues.delete(userId);
  }
}
