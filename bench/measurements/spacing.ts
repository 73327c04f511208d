import type { Environment } from '../environment/environment.ts';
import { waitForOutboxes } from '../environment/wait-for-outboxes.ts';
import { makeBuyers } from '../fixtures/buyers.ts';
import type { RecordedEvent } from '../jobs/record-events.ts';
import type { ExpectedEvent } from '../jobs/send-order-chains.ts';
import type { Measured } from '../report/figures.ts';
import { percentile } from '../report/quantiles.ts';
import { createRecorder } from '../report/recorder.ts';
import type { Options } from './options.ts';
import { purchaseChains } from './order-chains.ts';
import { roundsOf } from './rounds.ts';

const perSecond = 200;
const inFlight = 128;
/** None, to compare with; and the one that is recommended for peers whose AckWait is 5 s. */
const spacings = [0, 6];

/**
 * 200 orders a second that are placed and cancelled at once, for as long as `options.requests` of them last: how long after
 * the response `order:created` comes, and how long after the time at which it may leave `order:cancelled` does.
 */
export async function measureSpacing(environment: Environment, options: Options): Promise<Measured> {
  const total = createRecorder();
  const { broker, jobWorker, loadGenerator } = environment;
  const buyers = makeBuyers(500, environment.jwtKey);
  for (const spacingSeconds of spacings) {
    const settings = { EVENT_SPACING_SECONDS: String(spacingSeconds) };
    const service = await environment.startCandidate(`spacing-${spacingSeconds}`, { settings });
    const who = `spacing of ${spacingSeconds} s`;
    for (const { recorder } of roundsOf(options, total)) {
      const chains = await purchaseChains(
        { replicas: [service], buyers, amount: options.requests },
        { cancelAtOther: true },
      );
      await jobWorker.run('recordEvents', broker);
      const started = performance.now();
      const expected = await loadGenerator.run('sendOrderChains', { inFlight, chains, perSecond });
      const seconds = (performance.now() - started) / 1_000;
      await waitForOutboxes(service);
      const recorded = await jobWorker.run('recordedEvents', { count: expected.length });
      const what = `${perSecond} orders a second, placed and cancelled`;
      recorder.record({ what, who, unit: 'orders a second' }, chains.length / seconds);
      const lags = lagsOf(expected, recorded, 1_000 * spacingSeconds);
      for (const [subject, list] of Object.entries(lags)) {
        const figure = { what: `${what}: ${subject}`, who };
        recorder.record({ ...figure, unit: 'p50 ms' }, percentile(list, 0.5));
        recorder.record({ ...figure, unit: 'p99 ms' }, percentile(list, 0.99));
        recorder.record({ ...figure, unit: 'longest ms' }, percentile(list, 1));
      }
      recorder.record({ what, who, unit: 'events sent twice' }, recorded.length - expected.length);
    }
    await service.stop();
  }
  return { figures: total.figures(), ratios: [] };
}

/** In milliseconds, the shortest first. An event may be there before the response has been read. */
function lagsOf(expected: ExpectedEvent[], recorded: RecordedEvent[], spacingMs: number) {
  // The first arrival counts.
  const arrivedAt = new Map(recorded.toReversed());
  const arrival = (eventId: string) => arrivedAt.get(eventId) ?? Number.POSITIVE_INFINITY;
  const lags: Record<'order:created' | 'order:cancelled', number[]> = {
    'order:created': [],
    'order:cancelled': [],
  };
  for (const [eventId, at] of expected) {
    const before = eventId.replace(/:1$/, ':0');
    const [list, dueAt] =
      before === eventId
        ? [lags['order:created'], at]
        : [lags['order:cancelled'], Math.max(at, arrival(before) + spacingMs)];
    list.push(Math.max(0, arrival(eventId) - dueAt));
  }
  for (const list of Object.values(lags)) list.sort((a, b) => a - b);
  return lags;
}
