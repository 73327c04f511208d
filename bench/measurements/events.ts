import type { NatsStreamingAddress } from '../../dev/embedded/embedded-server.ts';
import { type MeasuredBuild, withEarlierBuild } from '../environment/earlier-build.ts';
import type { Environment } from '../environment/environment.ts';
import type { MeasuredService } from '../environment/start-services.ts';
import { waitForOutboxes } from '../environment/wait-for-outboxes.ts';
import { type Buyer, makeBuyers } from '../fixtures/buyers.ts';
import type { RecordedEvent } from '../jobs/record-events.ts';
import type { ExpectedEvent, Step } from '../jobs/send-order-chains.ts';
import type { Measured } from '../report/figures.ts';
import { percentile } from '../report/quantiles.ts';
import { createRecorder, type Recorder } from '../report/recorder.ts';
import type { Options } from './options.ts';
import { cancellationChains, purchaseChains } from './order-chains.ts';
import { roundsOf } from './rounds.ts';

interface Setup {
  environment: Environment;
  options: Options;
  recorder: Recorder;
}

interface Replicas {
  environment: Environment;
  /** The first process, or that and another one on the same database. */
  replicas: MeasuredService[];
  buyers: readonly Buyer[];
  broker: NatsStreamingAddress;
  /** The broker's store, and which build it is if not this one. */
  label: string;
  amount: number;
}

interface Run {
  what: string;
  inFlight: number;
  chains: Step[][];
  recorder: Recorder;
}

type Broker = Awaited<ReturnType<Environment['startBrokers']>>[number];

/**
 * The time from the response to a purchase or cancellation until a subscriber has its event; and how many events came
 * twice. With two replicas each order is placed at one and cancelled at the other right away.
 */
export async function measureEvents(environment: Environment, options: Options): Promise<Measured> {
  const recorder = createRecorder();
  return withEarlierBuild(options, async (earlier) => {
    const brokers = await environment.startBrokers();
    for (const build of [{ who: '' }, ...earlier])
      for (const broker of brokers) await measureBuild({ environment, options, recorder }, build, broker);
    return { figures: recorder.figures(), ratios: [] };
  });
}

/** Measures one process, then two. */
async function measureBuild(
  { environment, options, recorder: total }: Setup,
  { who, ...build }: MeasuredBuild,
  { store, ...broker }: Broker,
): Promise<void> {
  const buyers = makeBuyers(500, environment.jwtKey);
  const name = `events-${store}${build.entry === undefined ? '' : '-before'}`;
  const first = await environment.startCandidate(name, { ...build, broker });
  const label = [`${store} store`, who].filter(Boolean).join(', ');
  const one = { environment, replicas: [first], buyers, broker, label, amount: options.requests };
  const rounds = roundsOf(options, total);
  for (const { recorder } of rounds) {
    for (const inFlight of options.eventsInFlight) {
      await measure(one, { what: 'place', inFlight, chains: await purchaseChains(one), recorder });
      await measure(one, { what: 'cancel', inFlight, chains: await cancellationChains(one), recorder });
    }
  }
  const second = await environment.startReplica(first, `${name}-2`, { ...build, broker });
  const both = { ...one, replicas: [first, second] };
  for (const { recorder } of rounds) {
    for (const inFlight of options.eventsInFlight) {
      const chains = await purchaseChains(both, { cancelAtOther: true });
      await measure(both, { what: 'place and cancel, two replicas', inFlight, chains, recorder });
    }
  }
  await Promise.all([first.stop(), second.stop()]);
}

async function measure({ environment, replicas, broker, label }: Replicas, run: Run): Promise<void> {
  const { what, inFlight, chains, recorder } = run;
  const { jobWorker, loadGenerator } = environment;
  await jobWorker.run('recordEvents', broker);
  const expected = await loadGenerator.run('sendOrderChains', { inFlight, chains });
  for (const replica of replicas) await waitForOutboxes(replica);
  const recorded = await jobWorker.run('recordedEvents', { count: expected.length });
  const labels = { what: `answer to event: ${what}, ${inFlight} in flight`, who: label };
  const lags = lagsOf(expected, recorded);
  recorder.record({ ...labels, unit: 'p50 ms' }, percentile(lags, 0.5));
  recorder.record({ ...labels, unit: 'p99 ms' }, percentile(lags, 0.99));
  recorder.record({ ...labels, unit: 'longest ms' }, percentile(lags, 1));
  recorder.record({ ...labels, unit: 'events sent twice' }, recorded.length - expected.length);
}

/** In milliseconds, the shortest first. An event may be there before the response has been read. */
function lagsOf(expected: ExpectedEvent[], recorded: RecordedEvent[]): number[] {
  // The first arrival counts.
  const arrivedAt = new Map(recorded.toReversed());
  return expected
    .map(([eventId, at]) => Math.max(0, (arrivedAt.get(eventId) ?? Number.POSITIVE_INFINITY) - at))
    .sort((a, b) => a - b);
}
