import { setTimeout as delay } from 'node:timers/promises';
import mongoose from 'mongoose';
import { openBook } from '../figures/book.ts';
import { type Measured, ratio } from '../figures/figures.ts';
import type { Options } from '../options.ts';
import type { Contestant, Stage } from '../stage.ts';
import { disturbed, inOrder, type TicketEvent, versionsEach } from '../stored/ticket-events.ts';

/** As many as the service has in hand of one subject. */
const inFlight = 64;
const withinMs = 30 * 60_000;
const unit = 'events a second';
const calm = { what: 'replication, in order', who: 'ours', unit };
const wild = { ...calm, what: 'replication, a tenth out of order and a tenth doubled' };
const driver = { ...calm, who: "the driver's updateOne" };

/** Ticket events from the first that is published to the last that is applied. */
export async function measureReplication(stage: Stage, { rounds, events }: Options): Promise<Measured> {
  const ours = await stage.ours('replication');
  const { uri } = await stage.database('replication-limit');
  const book = openBook();
  // No round to warm up: each is long enough. Memory is looked at after each.
  for (let round = 0; round < rounds; round++) {
    book.add(calm, await replicate(stage, ours, inOrder(newTickets(events))));
    book.add(wild, await replicate(stage, ours, disturbed(inOrder(newTickets(events)))));
    book.add(driver, await stage.helper.ask('updateTickets', { uri, inFlight, amount: events }));
    const { residentMb } = await ours.process.usage();
    book.add({ what: 'replication, memory after each round', who: 'ours', unit: 'MB' }, residentMb);
  }
  await ours.stop();
  return { figures: book.figures(), ratios: [ratio(book.figures(), calm, driver)] };
}

function newTickets(events: number): string[] {
  return Array.from({ length: Math.ceil(events / versionsEach) }, () =>
    new mongoose.Types.ObjectId().toHexString(),
  );
}

/** Resolves with the events applied a second. @throws when some are not after half an hour */
async function replicate(stage: Stage, { database }: Contestant, events: TicketEvent[]): Promise<number> {
  const [first] = events;
  if (!first) throw new RangeError('no events');
  const tickets = new Set(events.map(({ data }) => data.id)).size;
  const started = performance.now();
  const publishing = stage.helper.ask('publish', { broker: stage.broker, messages: events, inFlight: 128 });
  // Ids rise, so these are the tickets of this round.
  const _id = { $gte: new mongoose.Types.ObjectId(first.data.id) };
  const behind = { _id, version: { $lt: versionsEach - 1 } };
  const copies = database.collection('tickets');
  await publishing;
  while (performance.now() - started < withinMs) {
    const done = !(await copies.findOne(behind)) && (await copies.countDocuments({ _id })) === tickets;
    if (done) return (1_000 * events.length) / (performance.now() - started);
    await delay(20);
  }
  throw new Error('ticket events were not applied within half an hour');
}
