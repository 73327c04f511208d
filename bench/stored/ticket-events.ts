/** A ticket has so many events: one when it is created, and one for each update. */
export const versionsEach = 10;

export interface TicketEvent {
  subject: 'ticket:created' | 'ticket:updated';
  data: { id: string; version: number; title: string; price: number; userId: string };
}

/** The events of tickets, all of a version before any of the next. */
export function inOrder(ticketIds: readonly string[]): TicketEvent[] {
  return Array.from({ length: versionsEach }, (_, version) => version).flatMap((version) =>
    ticketIds.map((id): TicketEvent => {
      const data = { id, version, title: 'A ticket', price: 20 + version, userId: 'a seller' };
      return { subject: version === 0 ? 'ticket:created' : 'ticket:updated', data };
    }),
  );
}

/**
 * The same events, a tenth of them out of order and a tenth doubled: every eighth ticket's updates change places with
 * the ones after them, in pairs, and of every ten events one comes twice. Creations stay where they are.
 */
export function disturbed(events: readonly TicketEvent[]): TicketEvent[] {
  const shuffled = [...events];
  const tickets = events.length / versionsEach;
  for (let version = 1; version + 1 < versionsEach; version += 2) {
    for (let place = version * tickets; place < (version + 1) * tickets; place += 8) {
      const [first, second] = [shuffled[place], shuffled[place + tickets]];
      if (first && second) [shuffled[place], shuffled[place + tickets]] = [second, first];
    }
  }
  return shuffled.flatMap((event, place) => (place % 10 === 7 ? [event, event] : [event]));
}
