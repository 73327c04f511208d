import mongoose from 'mongoose';
import type { BrokerAddress } from '../../dev/embedded/embedded-server.ts';
import { waitUntil } from '../../dev/wait-until.ts';
import type { Environment } from '../environment/environment.ts';
import type { MeasuredService } from '../environment/start-services.ts';
import {
  inOrder,
  outOfOrderAndDoubled,
  type TicketEvent,
  versionsPerTicket,
} from '../fixtures/ticket-events.ts';
import { type Measured, ratio } from '../report/figures.ts';
import { createRecorder } from '../report/recorder.ts';
import type { Options } from './options.ts';

/** As many as the service has in flight of one subject. */
const inFlight = 64;
const timeoutMs = 30 * 60_000;
const unit = 'events a second';
const ordered = { what: 'replication, in order', who: 'candidate', unit };
const disturbed = { ...ordered, what: 'replication, a tenth out of order and a tenth doubled' };
const onJetStream = { ...ordered, what: 'replication on JetStream, in order' };
const driver = { ...ordered, who: "the driver's updateOne" };
const memory = { what: 'replication, memory after each round', who: 'candidate', unit: 'MB' };

/** Ticket events from the first that is published to the last that is applied, on either broker. */
export async function measureReplication(
  environment: Environment,
  { rounds, events }: Options,
): Promise<Measured> {
  const { broker } = environment;
  const jetStream = { url: await environment.startJetStream() };
  const candidate = await environment.startCandidate('replication');
  const other = await environment.startCandidate('replication-jetstream', { broker: jetStream });
  const run = { environment, candidate, broker };
  const { uri } = await environment.createDatabase('replication-limit');
  const recorder = createRecorder();
  const eventsOfNewTickets = () => inOrder(newTicketIds(events));
  // No warm-up round: each round is long enough.
  for (let round = 0; round < rounds; round++) {
    recorder.record(ordered, await replicate(run, eventsOfNewTickets()));
    const mixed = outOfOrderAndDoubled(eventsOfNewTickets());
    recorder.record(disturbed, await replicate(run, mixed));
    const onOther = { environment, candidate: other, broker: jetStream };
    recorder.record(onJetStream, await replicate(onOther, eventsOfNewTickets()));
    const limit = await environment.jobWorker.run('updateTickets', { uri, inFlight, amount: events });
    recorder.record(driver, limit);
    const { residentMb } = await candidate.process.usage();
    recorder.record(memory, residentMb);
  }
  await Promise.all([candidate.stop(), other.stop()]);
  const figures = recorder.figures();
  return {
    figures,
    ratios: [
      ratio(figures, ordered, driver),
      ratio(figures, onJetStream, driver),
      ratio(figures, onJetStream, ordered),
    ],
  };
}

function newTicketIds(events: number): string[] {
  return Array.from({ length: Math.ceil(events / versionsPerTicket) }, () =>
    new mongoose.Types.ObjectId().toHexString(),
  );
}

interface Replication {
  environment: Environment;
  candidate: MeasuredService;
  /** The candidate's. */
  broker: BrokerAddress;
}

/** Resolves with the events applied a second. @throws when some are not after half an hour */
async function replicate(
  { environment: { jobWorker }, candidate: { database }, broker }: Replication,
  events: TicketEvent[],
): Promise<number> {
  const [first] = events;
  if (!first) throw new RangeError('no events');
  const tickets = new Set(events.map(({ data }) => data.id)).size;
  const started = performance.now();
  const publishing = jobWorker.run('publish', { broker, messages: events, inFlight: 128 });
  // Ids rise, so these are the tickets of this round.
  const _id = { $gte: new mongoose.Types.ObjectId(first.data.id) };
  const behind = { _id, version: { $lt: versionsPerTicket - 1 } };
  const replicas = database.collection('tickets');
  await publishing;
  await waitUntil(
    async () => !(await replicas.findOne(behind)) && (await replicas.countDocuments({ _id })) === tickets,
    {
      timeoutMs,
      everyMs: 20,
      onTimeout: (cause) => new Error('ticket events were not applied within half an hour', { cause }),
    },
  );
  return (1_000 * events.length) / (performance.now() - started);
}
