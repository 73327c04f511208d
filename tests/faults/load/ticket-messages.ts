import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Publish } from './publisher.ts';

/**
 * Publishes a new ticket and its changes, each at its own time, so that they come in any order; some twice, and with
 * the probability `chanceOfGap` one never. `onOffer` is called when the broker has the first event: buyers cannot know
 * of the ticket before.
 */
export async function publishTicket(
  {
    publish,
    onOffer,
    chanceOfGap,
  }: { publish: Publish; onOffer: (ticketId: string) => void; chanceOfGap: number },
  random: Random,
  id: string,
): Promise<void> {
  const versions = random.whole(1, 5);
  const skipped = random.chance(chanceOfGap) ? random.whole(0, versions - 1) : -1;
  const events = Array.from({ length: versions }, (_, version) => ({
    ...{ id, version, title: `Concert ${id.slice(0, 6)}, offer ${version}` },
    ...{ price: random.whole(10, 90), userId: 'seller' },
  }));
  const planned = events.flatMap((ticket) => {
    const copies = random.chance(0.2) ? 2 : 1;
    const span = ticket.version === 0 ? 300 : 3_000;
    return Array.from({ length: copies }, () => ({ ticket, afterMs: random.between(0, span) }));
  });
  await Promise.all(
    planned
      .filter(({ ticket }) => ticket.version !== skipped)
      .map(async ({ ticket, afterMs }) => {
        await delay(afterMs);
        if (ticket.version > 0) return publish('ticket:updated', JSON.stringify(ticket));
        await publish('ticket:created', JSON.stringify(ticket));
        onOffer(id);
      }),
  );
}
