import type { ServerResponse } from 'node:http';
import { throwIfPastDeadline } from '../time/deadline.ts';

/**
 * A large response has some 300 kB: making it blocks the event loop, and it stays in memory until it is sent. A page in a
 * browser requests fewer than four at once, and the requests that wait behind four still meet their deadline.
 */
const maxRunning = 4;
const maxWaiting = 16;

interface Queue {
  running: number;
  /** Each is called when it gets a slot. */
  waiting: (() => void)[];
}

/**
 * Limits how much work of a user runs at a time: 4 run, 16 more wait in a queue, and the others resolve with `overloaded`.
 * Work keeps its slot until the response has closed, so a client that does not read delays only its own requests. A user
 * without work takes no memory.
 *
 * @throws DeadlineExceeded when the deadline of the request passes in the queue
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
