import type { ServerResponse } from 'node:http';
import { throwIfPastDeadline } from '../time/deadline.ts';

/**
 * A large response is some 300 kB, which are read, made and sent while everybody waits, and kept until they are sent. Four
 * at once are more than a page in a browser requests, and those that wait behind them still meet their deadline.
 */
const maxRunning = 4;
const maxWaiting = 16;

interface Queue {
  running: number;
  /** Those that wait for a slot. Each is called when it gets one. */
  waiting: (() => void)[];
}

/**
 * Makes a limit on how much of a user's work runs at a time: 4 run, 16 more wait in turn, and `overloaded` is the result of
 * any beyond. Work holds its slot until the response has closed, so a client that does not read delays its own requests
 * only. A user without work takes no memory.
 *
 * @throws DeadlineExceeded when the request is past its deadline before its turn comes
 */
export function limitPerUser() {
  const queues = new Map<string, Queue>();

  return async <Result>(
    userId: string,
    response: Pick<ServerResponse, 'closed' | 'once'>,
    work: () => Promise<Result>,
  ): Promise<Result | 'overloaded'> => {
    const queue = queues.get(userId) ?? { running: 0, waiting: [] };
    queues.set(userId, queue);
    if (queue.running < maxRunning) queue.running++;
    else if (queue.waiting.length < maxWaiting)
      await new Promise<void>((resolve) => void queue.waiting.push(resolve));
    else return 'overloaded';

    try {
      throwIfPastDeadline();
      return await work();
    } finally {
      const free = () => freeSlot(queue, userId);
      if (response.closed) free();
      else response.once('close', free);
    }
  };

  function freeSlot(queue: Queue, userId: string): void {
    const next = queue.waiting.shift();
    if (next) next();
    else queue.running--;
    if (queue.running === 0) queues.delete(userId);
  }
}
