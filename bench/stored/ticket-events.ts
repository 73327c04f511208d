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
 * The same events with a tenth out of order and a tenth doubled: of every ten, one changes places with the same
 * ticket's event of the version after, and another comes twice.
 */
export function disturbed(events: readonly TicketEvent[]): TicketEvent[] {
  const shuffled = [...events];
  const tickets = events.length / versionsEach;
  for (let place = 3; place + tickets < events.length; place += 20) {
    const [early, late] = [shuffled[place + tickets], shuffled[place]];
    // Creations stay: what comes before them is parked without a ticket, which is another case.
    if (!early || !late || late.subject === 'ticket:created') continue;
    shuffled[place] = early;
    shuffled[place + tickets] = late;
  }
  return shuffled.flatMap((event, place) => (place % 10 === 7 ? [event, event] : [event]));
}
