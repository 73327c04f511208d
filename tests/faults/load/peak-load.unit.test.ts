import type { Answer } from '../history/history.ts';
import type { Request } from './client.ts';
import type { LoadPeers } from './load-peers.ts';
import { runPeakLoad } from './peak-load.ts';

/** A peak load of seven that ends after `count` requests, at a service that refuses every second purchase. */
async function peakLoad(count: number) {
  const over = new AbortController();
  const requests: Request[] = [];
  const inFlight: number[] = [];
  const publishedIds: string[] = [];
  let current = 0;
  const offer: LoadPeers['offer'] = async (ids) => void publishedIds.push(...ids);
  await runPeakLoad(
    {
      ...{ seed: 1, inFlight: 7, ticketsInDemand: 50, pauseMs: 0 },
      peers: { offer } as LoadPeers,
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
  return { requests, inFlight, publishedIds };
}

function answer(request: Request, number: number): Answer {
  const { userId, ticketId = '' } = request;
  const times = { sentAt: 0, answeredAt: 0 };
  if (request.kind !== 'place' || number % 2 === 0) return { ...request, ...times, status: 409 };
  const shown = { id: `order ${number}`, userId, ticketId, status: 'pending', version: 0, expiresAt: 0 };
  return { ...request, ...times, status: 201, shown };
}

test('When a peak load runs, then the wanted number of requests is in flight from the first to the last', async () => {
  const { inFlight } = await peakLoad(500);
  expect(inFlight.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  // One that has been answered is followed by the next at once.
  expect(Math.min(...inFlight.slice(7))).toBeGreaterThan(0);
  expect(inFlight.filter((one) => one === 7).length).toBeGreaterThan(60);
  expect(Math.max(...inFlight)).toBe(7);
});

test('When a peak load runs, then each purchase is for a published ticket, by a new buyer, and some are cancelled', async () => {
  const { requests, publishedIds } = await peakLoad(500);
  const purchases = requests.filter(({ kind }) => kind === 'place');
  expect(new Set(purchases.map(({ userId }) => userId)).size).toBe(purchases.length);
  expect(new Set(purchases.map(({ ticketId }) => ticketId))).toEqual(new Set(publishedIds));
  expect(requests.filter(({ kind }) => kind === 'cancel').length).toBeGreaterThan(50);
});
