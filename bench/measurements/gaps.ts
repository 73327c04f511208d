import mongoose, { type Connection } from 'mongoose';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { parkedUpdateCollection, ticketCollection } from '../../src/tickets/store/ticket-model.ts';
import type { Environment } from '../environment/environment.ts';
import { storeAll, storeTickets } from '../fixtures/tickets.ts';
import type { Measured } from '../report/figures.ts';
import { createRecorder } from '../report/recorder.ts';
import type { Options } from './options.ts';

/** Updates that are parked for each ticket that has a gap. */
const parkedPerTicket = 5;
/** Updates that are parked for each event of the option `--events`. */
const parkedPerEvent = 20;
/** Of so many events, one stands for a gap that is due. */
const eventsPerDueGap = 50;
const gapTimeoutMs = 600_000;
/** What is not due was parked within this time. */
const notDueMs = 400_000;
const batchSize = 2_000;

/** Closing the gaps that are due, while many more updates are parked that are not. */
export async function measureGaps(environment: Environment, { rounds, events }: Options): Promise<Measured> {
  const { uri, connection } = await environment.createDatabase('gaps');
  await ensureIndexes([ticketCollection(connection), parkedUpdateCollection(connection)]);
  const recorder = createRecorder();
  const parked = events * parkedPerEvent;
  const due = Math.ceil(events / eventsPerDueGap);
  const what = `gaps, ${parked.toLocaleString('en-US')} updates parked`;
  const record = (detail: string, unit: string, value: number) =>
    recorder.record({ what: `${what}, ${detail}`, who: 'candidate', unit }, value);
  const storedAt = Date.now();
  const store = (count: number, age: Age) => storeGaps(connection, { count, storedAt, ...age });
  await store(parked / parkedPerTicket, { spreadMs: notDueMs, agoMs: 0 });
  for (let round = 0; round < rounds; round++) {
    await store(due, { spreadMs: 1_000, agoMs: 24 * 3_600_000 });
    const result = await environment.jobWorker.run('closeGaps', { uri, storedAt, gapTimeoutMs });
    record(`closing ${due} that are due`, 'gaps a second', result.closedPerSecond);
    record('coming upon what is due', 'ms', result.firstFindMs);
    record('finding more that is due', 'ms', result.findMs);
    record('what a scrape reads', 'ms', result.scrapeMs);
  }
  return { figures: recorder.figures(), ratios: [] };
}

/** How long before it is stored something was parked: `agoMs`, and up to `spreadMs` earlier. */
interface Age {
  agoMs: number;
  spreadMs: number;
}

/** Replicas at version 0 of tickets whose version 1 never came, and what is parked behind it. */
async function storeGaps(
  database: Connection,
  { count, storedAt, agoMs, spreadMs }: Age & { count: number; storedAt: number },
): Promise<void> {
  for (let first = 0; first < count; first += batchSize) {
    const ids = await storeTickets(database, Math.min(batchSize, count - first));
    const updates = ids.flatMap((ticketId, index) => {
      const parkedAt = new Date(storedAt - agoMs - (spreadMs * (first + index)) / count);
      return Array.from({ length: parkedPerTicket }, (_, behind) => ({
        _id: new mongoose.Types.ObjectId(),
        ...{ ticketId, version: behind + 2, title: 'A ticket', price: 20, parkedAt },
      }));
    });
    await storeAll(database, 'parked_ticket_updates', updates);
  }
}
