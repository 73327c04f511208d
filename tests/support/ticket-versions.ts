import { replicateTicket } from '../../src/tickets/use-cases/replicate-ticket.ts';
import type { memoryTicketStore } from './memory-ticket-store.ts';

type Model = ReturnType<typeof memoryTicketStore>;

/** The ticket of these tests. */
export const id = 'a'.repeat(24);
/** When its updates are parked. */
export const now = new Date('2030-01-01T00:00:00Z');

export const version = (number: number) => ({ id, version: number, title: `v${number}`, price: number });

/** Handles version 0 as `ticket:created`, any other as `ticket:updated`. */
export function handle(number: number, tickets: Model['store']) {
  const kind = number === 0 ? ('created' as const) : ('updated' as const);
  return replicateTicket({ tickets, clock: () => now }, { kind, ...version(number) });
}

/** The store, and the names of the calls that it gets, in their order. */
export function recordCalls({ store }: Model) {
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
