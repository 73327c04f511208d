import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Post } from './publisher.ts';

/**
 * Tells of a new ticket and its changes, each at a moment of its own, so that they come in any order; some twice, and
 * with `chanceOfGap` one never. `onOffer` is called when the broker has the news, since buyers cannot know of the ticket
 * before.
 */
export async function offerTicket(
  { post, onOffer, chanceOfGap }: { post: Post; onOffer: (ticketId: string) => void; chanceOfGap: number },
  random: Random,
  id: string,
): Promise<void> {
  const versions = random.whole(1, 5);
  const skipped = random.chance(chanceOfGap) ? random.whole(0, versions - 1) : -1;
  const news = Array.from({ length: versions }, (_, version) => ({
    ...{ id, version, title: `Concert ${id.slice(0, 6)}, offer ${version}` },
    ...{ price: random.whole(10, 90), userId: 'seller' },
  }));
  const tellings = news.flatMap((ticket) => {
    const copies = random.chance(0.2) ? 2 : 1;
    const span = ticket.version === 0 ? 300 : 3_000;
    return Array.from({ length: copies }, () => ({ ticket, afterMs: random.between(0, span) }));
  });
  await Promise.all(
    tellings
      .filter(({ ticket }) => ticket.version !== skipped)
      .map(async ({ ticket, afterMs }) => {
        await delay(afterMs);
        if (ticket.version > 0) return post('ticket:updated', JSON.stringify(ticket));
        await post('ticket:created', JSON.stringify(ticket));
        onOffer(id);
      }),
  );
}
