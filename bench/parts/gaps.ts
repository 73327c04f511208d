import mongoose, { type Connection } from 'mongoose';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { parkedUpdateCollection, ticketCollection } from '../../src/tickets/store/ticket-model.ts';
import { openBook } from '../figures/book.ts';
import type { Measured } from '../figures/figures.ts';
import type { Options } from '../options.ts';
import type { Stage } from '../stage.ts';
import { storeAll, storeTickets } from '../stored/tickets.ts';

/** Updates that are parked for each ticket that has a gap. */
const parkedEach = 5;
/** For each ticket event of the other measurements, and gaps that are due for so many of them. */
const parkedPerEvent = 20;
const eventsPerDue = 50;
const gapTimeoutMs = 600_000;
/** What is not due has been parked within this time. */
const youngMs = 400_000;
const atOnce = 2_000;

/** Closing the gaps that are due, while many more updates are parked that are not. */
export async function measureGaps(stage: Stage, { rounds, events }: Options): Promise<Measured> {
  const { uri, connection } = await stage.database('gaps');
  await ensureIndexes([ticketCollection(connection), parkedUpdateCollection(connection)]);
  const book = openBook();
  const parked = events * parkedPerEvent;
  const due = Math.ceil(events / eventsPerDue);
  const what = `gaps, ${parked.toLocaleString('en-US')} updates parked`;
  await storeGaps(connection, parked / parkedEach, { spreadMs: youngMs, agoMs: 0 });
  for (let round = 0; round < rounds; round++) {
    await storeGaps(connection, due, { spreadMs: 1_000, agoMs: 24 * 3_600_000 });
    const job = { uri, gapTimeoutMs };
    const { closedPerSecond, firstFindMs, findMs, scrapeMs } = await stage.helper.ask('closeGaps', job);
    book.add(
      { what: `${what}, closing ${due} that are due`, who: 'ours', unit: 'gaps a second' },
      closedPerSecond,
    );
    book.add({ what: `${what}, coming upon what is due`, who: 'ours', unit: 'ms' }, firstFindMs);
    book.add({ what: `${what}, finding more that is due`, who: 'ours', unit: 'ms' }, findMs);
    book.add({ what: `${what}, what a scrape reads`, who: 'ours', unit: 'ms' }, scrapeMs);
  }
  return { figures: book.figures(), ratios: [] };
}

/** Copies at version 0 of tickets whose version 1 never came, and what is parked behind it. */
async function storeGaps(
  database: Connection,
  count: number,
  { spreadMs, agoMs }: { spreadMs: number; agoMs: number },
): Promise<void> {
  const now = Date.now();
  for (let first = 0; first < count; first += atOnce) {
    const ids = await storeTickets(database, Math.min(atOnce, count - first));
    const updates = ids.flatMap((ticketId, place) => {
      const parkedAt = new Date(now - agoMs - (spreadMs * (first + place)) / count);
      return Array.from({ length: parkedEach }, (_, row) => ({
        _id: new mongoose.Types.ObjectId(),
        ...{ ticketId, version: row + 2, title: 'A ticket', price: 20, parkedAt },
      }));
    });
    await storeAll(database, 'parked_ticket_updates', updates);
  }
}
