import fc from 'fast-check';
import { memoryTicketStore } from '../../../tests/support/memory-ticket-store.ts';
import type { TicketEvent } from '../domain/ticket.ts';
import type { TicketStore } from '../store/ticket-store.ts';
import { replicateTicket } from './replicate-ticket.ts';

const id = 'a'.repeat(24);
const clock = () => new Date(0);

/** A ticket's history: created at `first`, then `updates` updates, and each event at least once in any order. */
const history = fc.record({ first: fc.nat(3), updates: fc.nat(7) }).chain(({ first, updates }) => {
  const events = Array.from({ length: updates + 1 }, (_, index): TicketEvent => {
    const version = first + index;
    return { kind: index === 0 ? 'created' : 'updated', id, version, title: `v${version}`, price: version };
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
      const parts = { tickets, clock };
      await scheduler.waitFor(Promise.all(deliveries.map((event) => replicateTicket(parts, event))));
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
      // Of those that are written together it is looked up afterwards what has become of each.
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
