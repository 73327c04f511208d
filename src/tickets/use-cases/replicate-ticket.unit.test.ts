import fc from 'fast-check';
import { memoryTicketStore } from '../../../tests/support/memory-ticket-store.ts';
import { handle, id, now, recordCalls, version } from '../../../tests/support/ticket-versions.ts';
import { maxFirstVersion, maxVersionsAhead, type TicketEvent } from '../domain/ticket.ts';
import type { TicketStore } from '../store/ticket-store.ts';
import { replicateTicket } from './replicate-ticket.ts';

type Model = ReturnType<typeof memoryTicketStore>;

const clock = () => now;

/** A ticket's history: created at `first`, then `updates` updates, and each event at least once in any order. */
const history = fc.record({ first: fc.nat(3), updates: fc.nat(7) }).chain(({ first, updates }) => {
  const events = Array.from({ length: updates + 1 }, (_, index): TicketEvent => {
    return { kind: index === 0 ? 'created' : 'updated', ...version(first + index) };
  });
  const deliveries = fc
    .array(fc.constantFrom(...events), { maxLength: 8 })
    .chain((again) =>
      fc.shuffledSubarray([...events, ...again], { minLength: events.length + again.length }),
    );
  return fc.record({ last: fc.constant(first + updates), deliveries });
});

test('When a ticket’s events come in any order and again, then the copy ends at the last and nothing is parked', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ last, deliveries }) => {
      const model = memoryTicketStore();
      for (const event of deliveries) {
        await replicateTicket({ tickets: model.store, clock }, event);
      }
      expect(model.copyOf(id)).toMatchObject({ version: last, title: `v${last}`, price: last });
      expect(model.parkedCount()).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('When they are handled at the same time, step by step interleaved, then the result is the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), history, async (scheduler, { last, deliveries }) => {
      const model = memoryTicketStore();
      const tickets = interleaved(model.store, scheduler);
      const deps = { tickets, clock };
      await scheduler.waitFor(Promise.all(deliveries.map((event) => replicateTicket(deps, event))));
      expect(model.copyOf(id)).toMatchObject({ version: last, title: `v${last}` });
      expect(model.parkedCount()).toBe(0);
    }),
    { numRuns: 300 },
  );
});

/** Every call waits for its turn, which the scheduler gives in any order. */
function interleaved(store: TicketStore, scheduler: fc.Scheduler): TicketStore {
  const turn = <Result>(call: () => Promise<Result>) => scheduler.schedule(Promise.resolve()).then(call);
  return {
    versionOf: (...args) => turn(() => store.versionOf(...args)),
    create: (...args) => turn(() => store.create(...args)),
    async advance(ticket, from) {
      // As the store does: the outcome of each write of a batch is read afterwards.
      await turn(() => store.advance(ticket, from));
      const reached = await turn(() => store.versionOf(ticket.id));
      return reached === ticket.version ? 'applied' : 'outdated';
    },
    isAnyParked: (...args) => turn(() => store.isAnyParked(...args)),
    park: (...args) => turn(() => store.park(...args)),
    parked: (...args) => turn(() => store.parked(...args)),
    unpark: (...args) => turn(() => store.unpark(...args)),
  };
}

test('When an update comes too early, then it is parked with its time, and applied when it follows', async () => {
  const model = memoryTicketStore();
  expect(await handle(2, model.store)).toBe('parked');
  expect(await model.store.parked(id, 9)).toMatchObject([{ ...version(2), parkedAt: now }]);
  expect(model.copyOf(id)).toBeUndefined();
  expect(await handle(0, model.store)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(0));
  expect(await handle(3, model.store)).toBe('parked');
  expect(await handle(1, model.store)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(3));
  expect(model.parkedCount()).toBe(0);
  expect(await handle(3, model.store)).toBe('duplicate');
  expect(await handle(0, model.store)).toBe('duplicate');
});

test('When an update cannot be parked, or a parked one not applied, then the message fails, to be delivered again', async () => {
  const model = memoryTicketStore();
  const away = () => Promise.reject(new Error('the database is away'));
  await handle(0, model.store);
  await expect(handle(2, { ...model.store, park: away })).rejects.toThrow('the database is away');
  await handle(2, model.store);
  const advance: Model['store']['advance'] = (ticket, from) =>
    ticket.version === 2 ? away() : model.store.advance(ticket, from);
  await expect(handle(1, { ...model.store, advance })).rejects.toThrow('the database is away');
  expect(model.copyOf(id)).toMatchObject(version(1));
  expect(model.parkedCount()).toBe(1);
});

test('When nothing is parked, then an update costs its write and one read', async () => {
  const model = memoryTicketStore();
  await handle(0, model.store);
  const { calls, tickets } = recordCalls(model);
  expect(await handle(1, tickets)).toBe('applied');
  expect(calls).toEqual(['advance', 'isAnyParked']);
});

test('When an update is parked and its gap stays open, then nothing more is read', async () => {
  const model = memoryTicketStore();
  await handle(0, model.store);
  const { calls, tickets } = recordCalls(model);
  expect(await handle(2, tickets)).toBe('parked');
  expect(calls).toEqual(['advance', 'versionOf', 'park', 'versionOf']);
});

/** Its version 1 is applied while an update is being parked, by another process that has read the parked updates just before. */
const appliedWhileParking = ({ store }: Model): Model['store'] => ({
  ...store,
  async park(...args) {
    await store.advance(version(1), 0);
    await store.park(...args);
  },
});

test('When the version before is applied while an update is being parked, then the update is applied at once', async () => {
  const model = memoryTicketStore();
  await handle(0, model.store);
  const tickets = appliedWhileParking(model);
  expect(await handle(2, tickets)).toBe('parked');
  expect(model.copyOf(id)).toMatchObject(version(2));
  expect(model.parkedCount()).toBe(0);
});

test('When the drain after parking fails, then the message fails, to be delivered again', async () => {
  const model = memoryTicketStore();
  await handle(0, model.store);
  const tickets = {
    ...appliedWhileParking(model),
    parked: () => Promise.reject(new Error('the database is away')),
  };
  await expect(handle(2, tickets)).rejects.toThrow('the database is away');
});

test('When an update comes just before the copy is created, then the copy is read again, and the update applied', async () => {
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
  expect(await handle(1, tickets)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(1));
});

test('When a version is out of reach, then it is not accepted, and says why', async () => {
  const model = memoryTicketStore();
  const deps = { tickets: model.store, clock };
  const tooHigh = { kind: 'created' as const, ...version(maxFirstVersion + 1) };
  expect(await replicateTicket(deps, tooHigh)).toEqual({
    rejected: 'version 2147483649 of a ticket without a copy, at most 2147483648 is believed',
  });
  expect(model.copyOf(id)).toBeUndefined();
  await handle(0, model.store);
  expect(await handle(maxVersionsAhead + 1, model.store)).toEqual({
    rejected: 'version 10001 of a ticket whose copy is at 0, at most 10000 more are believed',
  });
  expect(model.parkedCount()).toBe(0);
  expect(await handle(maxVersionsAhead, model.store)).toBe('parked');
});

test('When a ticket comes at the highest version that is believed, then it is copied', async () => {
  const model = memoryTicketStore();
  const highest = { kind: 'created' as const, ...version(maxFirstVersion) };
  expect(await replicateTicket({ tickets: model.store, clock }, highest)).toBe('applied');
  expect(model.copyOf(id)).toMatchObject(version(maxFirstVersion));
});
