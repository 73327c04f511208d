import type { Jump, Ticket } from '../../src/tickets/ticket.ts';
import type { ParkedUpdate, TicketStore } from '../../src/tickets/ticket-store.ts';

/** A model of the ticket store: the same promises, kept in memory. */
export function memoryTicketStore() {
  const copies = new Map<string, Ticket & { jumps: Jump[] }>();
  let parked: ParkedUpdate[] = [];
  const of = (ticketId: string) => parked.filter(({ id }) => id === ticketId);

  const store: TicketStore = {
    versionOf: async (ticketId) => copies.get(ticketId)?.version,
    versionsOf: async (ticketIds) =>
      new Map(
        ticketIds.flatMap((id): [string, number][] => {
          const version = copies.get(id)?.version;
          return version === undefined ? [] : [[id, version]];
        }),
      ),
    async create(ticket) {
      if (copies.has(ticket.id)) return 'outdated';
      copies.set(ticket.id, { ...ticket, jumps: [] });
      return 'applied';
    },
    async advance(ticket, from) {
      const copy = copies.get(ticket.id);
      if (copy?.version !== from) return 'outdated';
      copies.set(ticket.id, { ...ticket, jumps: copy.jumps });
      return 'applied';
    },
    async jump(ticket, jump) {
      const copy = copies.get(ticket.id);
      if (copy?.version !== jump.after) return 'outdated';
      copies.set(ticket.id, { ...ticket, jumps: [...(copy?.jumps ?? []), jump] });
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
    isParkedSince: async (ticketId, cutoff) => of(ticketId).some(({ parkedAt }) => parkedAt <= cutoff),
    async unpark(ticketId, upToVersion) {
      parked = parked.filter(({ id, version }) => id !== ticketId || version > upToVersion);
    },
    async gaps() {
      return [...new Set(parked.map(({ id }) => id))].map((ticketId) => {
        const times = of(ticketId).map(({ parkedAt }) => parkedAt.getTime());
        const lowestVersion = Math.min(...of(ticketId).map(({ version }) => version));
        return {
          ticketId,
          parked: times.length,
          lowestVersion,
          oldestParkedAt: new Date(Math.min(...times)),
        };
      });
    },
  };
  return { store, copyOf: (ticketId: string) => copies.get(ticketId), parkedCount: () => parked.length };
}
