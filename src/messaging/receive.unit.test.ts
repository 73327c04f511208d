import mongoose from 'mongoose';
import pino from 'pino';
import { eventually } from '../../tests/support/eventually.ts';
import { createLog } from '../platform/logging/log.ts';
import type { Delivery } from './broker.ts';
import type { Handled, Listener } from './listener.ts';
import { createMessageFailures } from './message-failures.ts';
import { type DeliveryReport, type ReceivingDeps, receive } from './receive.ts';

const hourMs = 3_600_000;
let now: number;
let kept: { delivery: Delivery; reason: string }[];
let deps: ReceivingDeps;

beforeEach(() => {
  kept = [];
  now = Date.parse('2030-01-01T00:00:00Z');
  deps = {
    deadLetters: { keep: async (delivery, reason) => void kept.push({ delivery, reason }) },
    failures: createMessageFailures({ clock: () => new Date(now) }),
    log: pino({ level: 'silent' }),
  };
  // By now the process has been there for long.
  now += hourMs;
});

function delivered(attempt: number): Delivery {
  const data = Buffer.from('{}');
  return { subject: 'payment:created', sequence: 7, timestamp: '1', attempt, data };
}

function failing(error: unknown): Listener {
  return { subject: 'payment:created', handle: () => Promise.reject(error) };
}

function returning(handled: Handled): Listener {
  return { subject: 'payment:created', handle: async () => handled };
}

/** Neither resolves nor rejects until it is released. */
function held() {
  let release: (() => void) | undefined;
  const holding = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { holding, release: () => release?.() };
}

const bug = failing(new Error('bug'));
const outages = [
  new mongoose.mongo.MongoNetworkError('gone'),
  new mongoose.mongo.MongoServerError({ message: 'not primary', code: 10107 }),
];

test('When a message is handled, then it is acknowledged', async () => {
  expect(await receive(deps, returning({ outcome: 'paid' }), delivered(1))).toBe('acknowledge');
  expect(kept).toEqual([]);
});

test('When a message can never be handled, then it is a dead letter at its first delivery', async () => {
  expect(await receive(deps, returning({ rejected: 'why' }), delivered(1))).toBe('acknowledge');
  expect(kept).toEqual([{ delivery: delivered(1), reason: 'why' }]);
});

test.each([1, 5, 1_000])(
  'When the database is away at delivery %i, then the message comes again soon',
  async (attempt) => {
    for (const outage of outages) {
      expect(await receive(deps, failing(outage), delivered(attempt))).toBe('redeliver_soon');
    }
    expect(kept).toEqual([]);
  },
);

test.each([1, 4])('When handling fails at delivery %i, then the message comes again', async (attempt) => {
  expect(await receive(deps, bug, delivered(attempt))).toBe('redeliver');
  expect(kept).toEqual([]);
});

test.each([5, 6])(
  'When handling fails at delivery %i, then the message is a dead letter',
  async (attempt) => {
    expect(await receive(deps, bug, delivered(attempt))).toBe('acknowledge');
    expect(kept).toEqual([{ delivery: delivered(attempt), reason: `failed ${attempt} times: bug` }]);
  },
);

test('When an outage has used up five deliveries, then a message has five failures of its own left', async () => {
  for (let attempt = 1; attempt <= 6; attempt++) {
    expect(await receive(deps, failing(outages[0]), delivered(attempt))).toBe('redeliver_soon');
  }
  for (let attempt = 7; attempt <= 10; attempt++) {
    expect(await receive(deps, bug, delivered(attempt))).toBe('redeliver');
  }
  expect(kept).toEqual([]);
  expect(await receive(deps, bug, delivered(11))).toBe('acknowledge');
  expect(kept).toMatchObject([{ reason: 'failed 5 times: bug' }]);
});

test('When the dead letter meets an outage, then that counts as an outage, too', async () => {
  const { log, failures } = deps;
  const away: ReceivingDeps = {
    log,
    failures,
    deadLetters: { keep: () => Promise.reject(outages[0]) },
  };
  expect(await receive(away, returning({ rejected: 'why' }), delivered(5))).toBe('redeliver_soon');
  expect(await receive(deps, bug, { ...delivered(5), sequence: 8 })).toBe('redeliver');
});

test('When a message was handled in the end, then its failures are forgotten', async () => {
  for (let failure = 1; failure <= 4; failure++) await receive(deps, bug, delivered(1));
  await receive(deps, returning({ outcome: 'paid' }), delivered(1));
  expect(await receive(deps, bug, delivered(1))).toBe('redeliver');
});

test.each([
  [returning({ rejected: 'why' }), 1],
  [bug, 5],
])('When the dead letter cannot be stored, then the message comes again', async (listener, attempt) => {
  const unable: ReceivingDeps = {
    ...deps,
    deadLetters: { keep: () => Promise.reject(new Error('disk full')) },
  };
  expect(await receive(unable, listener, delivered(attempt))).toBe('redeliver');
});

test('When a dead letter is being stored, then its message is not acknowledged before it is', async () => {
  const { holding, release } = held();
  let disposition: string | undefined;
  let asked = false;
  const keep = () => {
    asked = true;
    return holding;
  };
  const receiving = receive(
    { ...deps, deadLetters: { keep } },
    returning({ rejected: 'why' }),
    delivered(1),
  ).then((outcome) => {
    disposition = outcome;
  });
  await eventually(() => asked);
  await new Promise(setImmediate);
  expect(disposition).toBeUndefined();
  release();
  await receiving;
  expect(disposition).toBe('acknowledge');
});

describe('When something never settles', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const never = new Promise<never>(() => undefined);

  test('then its message comes again, before the broker would deliver it by itself', async () => {
    const reports: DeliveryReport[] = [];
    const stuck: Listener = { subject: 'payment:created', handle: () => never };
    const receiving = receive(
      { ...deps, onMessage: (report) => void reports.push(report) },
      stuck,
      delivered(1),
    );
    await jest.advanceTimersByTimeAsync(29_000);
    expect(await receiving).toBe('redeliver');
    expect(reports).toMatchObject([{ outcome: 'failed' }]);
  });

  test('in storing a dead letter, then the message comes again', async () => {
    const receiving = receive(
      { ...deps, deadLetters: { keep: () => never } },
      returning({ rejected: 'why' }),
      delivered(1),
    );
    await jest.advanceTimersByTimeAsync(29_000);
    expect(await receiving).toBe('redeliver');
  });
});

test.each([[undefined], [null], ['text'], [{}]])(
  'When %p is thrown, then receiving does not reject',
  async (thrown) => {
    expect(await receive(deps, failing(thrown), delivered(1))).toBe('redeliver');
    expect(await receive(deps, failing(thrown), { ...delivered(5), sequence: 8 })).toBe('acknowledge');
    expect(kept).toMatchObject([{ reason: `failed 5 times: ${String(thrown)}` }]);
  },
);

test.each<[string, Listener, number]>([
  ['paid', returning({ outcome: 'paid' }), 1],
  ['dead_letter', returning({ rejected: 'why' }), 1],
  ['dead_letter', bug, 5],
  ['failed', bug, 4],
  ['outage', failing(new mongoose.mongo.MongoNetworkError('gone')), 5],
])('When the outcome is %s, then that is reported, once', async (outcome, listener, attempt) => {
  const reports: DeliveryReport[] = [];
  await receive({ ...deps, onMessage: (report) => void reports.push(report) }, listener, delivered(attempt));
  const seconds: unknown = expect.any(Number);
  expect(reports).toEqual([{ subject: 'payment:created', outcome, attempt, seconds }]);
});

test('When a message is handled, then every line that is logged for it names it, also what the handler logs', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  const logging = (handled: Handled): Listener => ({
    subject: 'payment:created',
    async handle() {
      log.info('from the handler');
      return handled;
    },
  });
  await receive({ ...deps, log }, logging({ outcome: 'paid' }), delivered(2));
  await receive({ ...deps, log }, logging({ rejected: 'why' }), delivered(2));
  const named = { subject: 'payment:created', sequence: 7, attempt: 2 };
  expect(lines).toMatchObject([
    { ...named, msg: 'from the handler' },
    { ...named, msg: 'message handled', outcome: 'paid' },
    { ...named, msg: 'from the handler' },
    { ...named, msg: 'message set aside as a dead letter', reason: 'why' },
  ]);
});
