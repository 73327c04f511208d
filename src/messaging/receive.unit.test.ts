import mongoose from 'mongoose';
import pino from 'pino';
import type { Delivery } from './broker.ts';
import type { Handled, Listener } from './listener.ts';
import { type ReceivingParts, type Reception, receive } from './receive.ts';

const log = pino({ level: 'silent' });
let kept: { delivery: Delivery; reason: string }[];
let deadLetters: ReceivingParts['deadLetters'];

beforeEach(() => {
  kept = [];
  deadLetters = { keep: async (delivery, reason) => void kept.push({ delivery, reason }) };
});

function delivered(attempt: number): Delivery {
  const data = Buffer.from('{}');
  return { subject: 'payment:created', sequence: 7, timestamp: '1', attempt, data };
}

function failing(error: unknown): Listener {
  return { subject: 'payment:created', handle: () => Promise.reject(error) };
}

function answering(handled: Handled): Listener {
  return { subject: 'payment:created', handle: async () => handled };
}

const outages = [
  new mongoose.mongo.MongoNetworkError('gone'),
  new mongoose.mongo.MongoServerError({ message: 'not primary', code: 10107 }),
];

test('When a message is handled, then it is acknowledged', async () => {
  expect(await receive({ deadLetters, log }, answering({ outcome: 'paid' }), delivered(1))).toBe(
    'acknowledge',
  );
  expect(kept).toEqual([]);
});

test('When a message can never be handled, then it is a dead letter at its first delivery', async () => {
  const verdict = await receive({ deadLetters, log }, answering({ unacceptable: 'why' }), delivered(1));
  expect(verdict).toBe('acknowledge');
  expect(kept).toEqual([{ delivery: delivered(1), reason: 'why' }]);
});

test.each([1, 5, 1_000])(
  'When the database is away at delivery %i, then the message comes again',
  async (attempt) => {
    for (const outage of outages) {
      expect(await receive({ deadLetters, log }, failing(outage), delivered(attempt))).toBe('redeliver');
    }
    expect(kept).toEqual([]);
  },
);

test.each([1, 4])('When handling fails at delivery %i, then the message comes again', async (attempt) => {
  expect(await receive({ deadLetters, log }, failing(new Error('bug')), delivered(attempt))).toBe(
    'redeliver',
  );
  expect(kept).toEqual([]);
});

test.each([5, 6])(
  'When handling fails at delivery %i, then the message is a dead letter',
  async (attempt) => {
    const verdict = await receive({ deadLetters, log }, failing(new Error('bug')), delivered(attempt));
    expect(verdict).toBe('acknowledge');
    expect(kept).toEqual([{ delivery: delivered(attempt), reason: `failed ${attempt} times: bug` }]);
  },
);

test.each([
  [answering({ unacceptable: 'why' }), 1],
  [failing(new Error('bug')), 5],
])('When the dead letter cannot be stored, then the message comes again', async (listener, attempt) => {
  const unable: ReceivingParts['deadLetters'] = { keep: () => Promise.reject(new Error('disk full')) };
  expect(await receive({ deadLetters: unable, log }, listener, delivered(attempt))).toBe('redeliver');
});

test.each([[undefined], [null], ['text'], [{}]])(
  'When %p is thrown, then receiving does not reject',
  async (thrown) => {
    expect(await receive({ deadLetters, log }, failing(thrown), delivered(1))).toBe('redeliver');
    expect(await receive({ deadLetters, log }, failing(thrown), delivered(5))).toBe('acknowledge');
    expect(kept).toMatchObject([{ reason: `failed 5 times: ${String(thrown)}` }]);
  },
);

test.each<[string, Listener, number]>([
  ['paid', answering({ outcome: 'paid' }), 1],
  ['dead_letter', answering({ unacceptable: 'why' }), 1],
  ['dead_letter', failing(new Error('bug')), 5],
  ['failed', failing(new Error('bug')), 4],
  ['outage', failing(new mongoose.mongo.MongoNetworkError('gone')), 5],
])('When the outcome is %s, then that is told, once', async (outcome, listener, attempt) => {
  const told: Reception[] = [];
  await receive(
    { deadLetters, log, onMessage: (reception) => void told.push(reception) },
    listener,
    delivered(attempt),
  );
  expect(told).toEqual([{ subject: 'payment:created', outcome, seconds: expect.any(Number) as number }]);
});
