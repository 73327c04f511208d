import type { Ticket } from '../../src/tickets/domain/ticket.ts';
import type { ParkedUpdate, TicketStore } from '../../src/tickets/store/ticket-store.ts';

/** A model of the ticket store: the same promises, kept in memory. */
export function memoryTicketStore() {
  const copies = new Map<string, Ticket>();
  let parked: ParkedUpdate[] = [];
  const of = (ticketId: string) => parked.filter(({ id }) => id === ticketId);

  const store: TicketStore = {
    versionOf: async (ticketId) => copies.get(ticketId)?.version,
    async create(ticket) {
      if (copies.has(ticket.id)) return 'outdated';
      copies.set(ticket.id, ticket);
      return 'applied';
    },
    async advance(ticket, from) {
      const copy = copies.get(ticket.id);
      if (copy?.version !== from) return 'outdated';
      copies.set(ticket.id, ticket);
      return 'applied';
    },
    async park(ticket, now) {
      if (!of(ticket.id).some(({ version }) => version === ticket.version))
        parked.push({ ...ticket, parkedAt: now });
    },
    isAnyParked: async (ticketId) => of(ticketId).length > 0,
    parked: async (ticketId, limit) =>
      of(ticketId)
        .sort((a, b) => a.version - b.version)
        .slice(0, limit),
    async unpark(ticketId, upToVersion) {
      parked = parked.filter(({ id, version }) => id !== ticketId || version > upToVersion);
    },
  };
  return { store, copyOf: (ticketId: string) => copies.get(ticketId), parkedCount: () => parked.length };
}
