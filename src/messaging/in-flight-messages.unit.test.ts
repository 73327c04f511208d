import { createInFlightMessages } from './in-flight-messages.ts';

const delivery = (sequence: number, bytes = 2) => ({
  subject: 'payment:created',
  sequence,
  timestamp: '1',
  attempt: 1,
  data: Buffer.alloc(bytes),
});

/** Work that ends when it is released. */
function worker() {
  const releases: (() => void)[] = [];
  const begun: number[] = [];
  return {
    begun,
    work: (sequence: number) => () => {
      begun.push(sequence);
      return new Promise<void>((resolve) => releases.push(resolve));
    },
    releaseAll: () => {
      for (const release of releases.splice(0)) release();
    },
  };
}

test('When a message is in flight and comes again, then it is not handled a second time; afterwards it is', async () => {
  const inFlight = createInFlightMessages();
  const { begun, work, releaseAll } = worker();
  inFlight.add(delivery(1), work(1));
  inFlight.add(delivery(1), work(1));
  expect(begun).toEqual([1]);
  releaseAll();
  await inFlight.allDone();
  inFlight.add(delivery(1), work(1));
  expect(begun).toEqual([1, 1]);
});

test('When 256 are in flight, then the next one is not handled until there is room', async () => {
  const inFlight = createInFlightMessages();
  const { begun, work, releaseAll } = worker();
  for (let sequence = 1; sequence <= 300; sequence++) inFlight.add(delivery(sequence), work(sequence));
  expect(begun).toHaveLength(256);
  releaseAll();
  await inFlight.allDone();
  inFlight.add(delivery(300), work(300));
  expect(begun).toHaveLength(257);
});

test('When 8 MiB are in flight, then no other message is handled; a larger one alone is', async () => {
  const inFlight = createInFlightMessages();
  const { begun, work, releaseAll } = worker();
  for (let sequence = 1; sequence <= 9; sequence++) inFlight.add(delivery(sequence, 2 ** 20), work(sequence));
  expect(begun).toHaveLength(8);
  releaseAll();
  await inFlight.allDone();
  inFlight.add(delivery(10, 2 ** 24), work(10));
  expect(begun).toHaveLength(9);
});

test('When all are awaited, then that resolves with the last one', async () => {
  const inFlight = createInFlightMessages();
  const { work, releaseAll } = worker();
  inFlight.add(delivery(1), work(1));
  let done = false;
  const waiting = inFlight.allDone().then(() => {
    done = true;
  });
  await new Promise(setImmediate);
  expect(done).toBe(false);
  releaseAll();
  await waiting;
});
