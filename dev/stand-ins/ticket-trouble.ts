/** Ways to publish a ticket's next versions, good and bad ones. */
export interface TicketTrouble {
  /** Publishes a ticket's next version. */
  update(ticketId: string): Promise<void>;
  /** Publishes a ticket's version after the next one, and the next one `lateByMs` later. */
  updateOutOfOrder(ticketId: string, lateByMs: number): Promise<void>;
  updateTwice(ticketId: string): Promise<void>;
  /** Publishes a message that is not JSON, without a new version of the ticket. */
  updateMalformed(ticketId: string): void;
  /** What is late by then is not published. */
  stop(): void;
}

export interface TicketTroubleDeps {
  /** Makes a ticket's next version, and resolves with it as a message. */
  next(ticketId: string): Promise<string>;
  /** Publishes a message as `ticket:updated`. */
  send(message: string): void;
}

export function createTicketTrouble({ next, send }: TicketTroubleDeps): TicketTrouble {
  const late = new Set<NodeJS.Timeout>();
  return {
    async update(ticketId) {
      send(await next(ticketId));
    },
    async updateTwice(ticketId) {
      const message = await next(ticketId);
      send(message);
      send(message);
    },
    async updateOutOfOrder(ticketId, lateByMs) {
      const first = await next(ticketId);
      send(await next(ticketId));
      const timer = setTimeout(() => {
        late.delete(timer);
        send(first);
      }, lateByMs);
      late.add(timer);
    },
    updateMalformed: (ticketId) => send(`{"id":"${ticketId}","version":`),
    stop() {
      for (const timer of late) clearTimeout(timer);
    },
  };
}
