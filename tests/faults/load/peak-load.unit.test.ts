import type { Answer } from '../history/history.ts';
import type { Request } from './client.ts';
import { runRush } from './peak-load.ts';

/** A rush of seven that ends after `count` requests, at a service that refuses every second purchase. */
async function rush(count: number) {
  const over = new AbortController();
  const requests: Request[] = [];
  const inFlight: number[] = [];
  const told: string[] = [];
  let current = 0;
  await runRush(
    {
      ...{ seed: 1, inFlight: 7 },
      async post(_, message) {
        told.push((JSON.parse(message) as { id: string }).id);
      },
      async client(request) {
        inFlight.push(++current);
        requests.push(request);
        if (requests.length >= count) over.abort();
        await new Promise(setImmediate);
        current--;
        return answer(request, requests.length);
      },
    },
    over.signal,
  );
  return { requests, inFlight, told };
}

function answer(request: Request, number: number): Answer {
  const { userId, ticketId = '' } = request;
  const times = { sentAt: 0, answeredAt: 0 };
  if (request.kind !== 'place' || number % 2 === 0) return { ...request, ...times, status: 409 };
  const shown = { id: `order ${number}`, userId, ticketId, status: 'pending', version: 0 };
  return { ...request, ...times, status: 201, shown };
}

test('When buyers rush, then as many requests as are wanted are in flight from the first to the last', async () => {
  const { inFlight } = await rush(500);
  expect(inFlight.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  // One that has been answered is followed by the next at once.
  expect(Math.min(...inFlight.slice(7))).toBeGreaterThan(0);
  expect(inFlight.filter((one) => one === 7).length).toBeGreaterThan(60);
  expect(Math.max(...inFlight)).toBe(7);
});

test('When buyers rush, then they ask for tickets that were told of, each as somebody new, and some cancel', async () => {
  const { requests, told } = await rush(500);
  const purchases = requests.filter(({ kind }) => kind === 'place');
  expect(new Set(purchases.map(({ userId }) => userId)).size).toBe(purchases.length);
  expect(new Set(purchases.map(({ ticketId }) => ticketId))).toEqual(new Set(told));
  expect(requests.filter(({ kind }) => kind === 'cancel').length).toBeGreaterThan(50);
});
