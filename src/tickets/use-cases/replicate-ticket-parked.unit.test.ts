import pino from 'pino';
import { memoryTicketStore } from '../../../tests/support/memory-ticket-store.ts';
import { replicateTicket } from './replicate-ticket.ts';

type Model = ReturnType<typeof memoryTicketStore>;

const id = 'a'.repeat(24);
const log = pino({ level: 'silent' });
const now = new Date('2030-01-01T00:00:00Z');
const version = (number: number) => ({ id, version: number, title: `v${number}`, price: number });

/** Brings version 0 as `ticket:created`, any other as `ticket:updated`. */
function bring(number: number, tickets: Model['store']) {
  const kind = number === 0 ? ('created' as const) : ('updated' as const);
  const parts = { tickets, clock: () => now, log, gapTimeoutMs: 0 };
  return replicateTicket(parts, { kind, ...version(number) });
}

/** The store, and the names of the calls that it gets, in their order. */
function watched({ store }: Model) {
  const calls: string[] = [];
  const entries = Object.entries(store).map(([name, call]) => [
    name,
    (...args: never[]) => {
      calls.push(name);
      return (call as (...given: never[]) => unknown)(...args);
    },
  ]);
  return { calls, tickets: Object.fromEntries(entries) as Model['store'] };
}

test('When an update comes too early, then it is kept with its time, and applied when it follows', async () => {
  const model = memoryTicketStore();
  expect(await bring(2, model.store)).toBe('parked');
  expect(await model.store.parked(id, 9)).toMatchObject([{ ...version(2), parkedAt: now }]);
  expect(model.copyOf(id)).toBeUndefined();
  expect(await bring(0, model.store)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(0));
  expect(await bring(3, model.store)).toBe('parked');
  expect(await bring(1, model.store)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(3));
  expect(model.parkedCount()).toBe(0);
  expect(await bring(3, model.store)).toBe('duplicate');
  expect(await bring(0, model.store)).toBe('duplicate');
});

test('When a parked update follows, then it is applied before it is forgotten', async () => {
  const model = memoryTicketStore();
  await bring(0, model.store);
  await bring(2, model.store);
  const { calls, tickets } = watched(model);
  await bring(1, tickets);
  expect(calls.filter((name) => name === 'advance' || name === 'unpark')).toEqual([
    'advance',
    'advance',
    'unpark',
  ]);
});

test('When a crash comes between applying a parked update and forgetting it, then nothing is lost or held up', async () => {
  const model = memoryTicketStore();
  await bring(0, model.store);
  await bring(2, model.store);
  const crashing = {
    ...model.store,
    unpark: async () => {
      throw new Error('the process died');
    },
  };
  await expect(bring(1, crashing)).rejects.toThrow('the process died');
  expect(model.copyOf(id)).toMatchObject(version(2));
  expect(await bring(3, model.store)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(3));
  expect(model.parkedCount()).toBe(0);
});

test('When a parked update cannot be applied or kept, then the message fails, to be delivered again', async () => {
  const model = memoryTicketStore();
  const away = () => Promise.reject(new Error('the database is away'));
  await bring(0, model.store);
  await expect(bring(2, { ...model.store, park: away })).rejects.toThrow('the database is away');
  await bring(2, model.store);
  const advance: Model['store']['advance'] = (ticket, from) =>
    ticket.version === 2 ? away() : model.store.advance(ticket, from);
  await expect(bring(1, { ...model.store, advance })).rejects.toThrow('the database is away');
  expect(model.copyOf(id)).toMatchObject(version(1));
  expect(model.parkedCount()).toBe(1);
});

test('When nothing is parked, then an update costs its write and one look', async () => {
  const model = memoryTicketStore();
  await bring(0, model.store);
  const { calls, tickets } = watched(model);
  expect(await bring(1, tickets)).toBe('applied');
  expect(calls).toEqual(['advance', 'isAnyParked']);
});

test('When an update is parked and its gap stays open, then nothing more is looked for', async () => {
  const model = memoryTicketStore();
  await bring(0, model.store);
  const { calls, tickets } = watched(model);
  expect(await bring(2, tickets)).toBe('parked');
  expect(calls).toEqual(['advance', 'versionOf', 'park', 'versionOf']);
});

test('When what was reached long ago is still parked, then it goes in one portion with what follows, unwritten', async () => {
  const model = memoryTicketStore();
  for (const number of [0, 1, 2, 3]) await bring(number, model.store);
  for (const number of [1, 2, 5]) await model.store.park(version(number), now);
  const { calls, tickets } = watched(model);
  expect(await bring(4, tickets)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(5));
  expect(calls.filter((name) => name === 'advance')).toHaveLength(2);
  expect(calls.filter((name) => name === 'unpark')).toHaveLength(1);
});

test('When the gap stays open, then what is parked behind it stays, and costs no writes', async () => {
  const model = memoryTicketStore();
  await bring(0, model.store);
  await bring(5, model.store);
  const { calls, tickets } = watched(model);
  expect(await bring(1, tickets)).toBe('applied');
  expect(calls).toEqual(['advance', 'isAnyParked', 'parked', 'versionOf']);
  expect(model.copyOf(id)).toMatchObject(version(1));
  expect(model.parkedCount()).toBe(1);
});

test.each([99, 100, 101, 250])(
  'When %i updates are parked in a row, then the missing one brings them all',
  async (count) => {
    const model = memoryTicketStore();
    await bring(0, model.store);
    for (let number = count + 1; number > 1; number--) await bring(number, model.store);
    expect(model.parkedCount()).toBe(count);
    const { calls, tickets } = watched(model);
    await bring(1, tickets);
    expect(model.copyOf(id)).toMatchObject(version(count + 1));
    expect(model.parkedCount()).toBe(0);
    // They come in portions, each forgotten with one write.
    expect(calls.filter((name) => name === 'unpark')).toHaveLength(Math.ceil(count / 100));
  },
);

test('When the version before is applied while an update is being parked, then the update is applied at once', async () => {
  const model = memoryTicketStore();
  await bring(0, model.store);
  const tickets: Model['store'] = {
    ...model.store,
    async park(...args) {
      // By somebody who looked for parked updates just before this one was.
      await model.store.advance(version(1), 0);
      await model.store.park(...args);
    },
  };
  expect(await bring(2, tickets)).toBe('parked');
  expect(model.copyOf(id)).toMatchObject(version(2));
  expect(model.parkedCount()).toBe(0);
});

test('When the look after parking fails, then the message fails, to be delivered again', async () => {
  const model = memoryTicketStore();
  await bring(0, model.store);
  const tickets: Model['store'] = {
    ...model.store,
    async park(...args) {
      await model.store.advance(version(1), 0);
      await model.store.park(...args);
    },
    parked: () => Promise.reject(new Error('the database is away')),
  };
  await expect(bring(2, tickets)).rejects.toThrow('the database is away');
});

test('When somebody else applies a parked update first, then it is forgotten all the same', async () => {
  const model = memoryTicketStore();
  await bring(0, model.store);
  for (const number of [2, 3]) await bring(number, model.store);
  const tickets: Model['store'] = {
    ...model.store,
    async advance(ticket, from) {
      const outcome = await model.store.advance(ticket, from);
      return ticket.version === 2 ? 'outdated' : outcome;
    },
  };
  expect(await bring(1, tickets)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(3));
  expect(model.parkedCount()).toBe(0);
});

test('When an update comes while the copy is not yet written by its creator, then it is decided on what is there', async () => {
  const model = memoryTicketStore();
  let refusals = 0;
  const tickets: Model['store'] = {
    ...model.store,
    async advance(...args) {
      if (refusals++ > 0) return model.store.advance(...args);
      await model.store.create(version(0));
      return 'outdated';
    },
  };
  expect(await bring(1, tickets)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(1));
});
