import { Gauge, type Registry } from 'prom-client';
import type { Broker, BrokerBacklog } from '../messaging/broker.ts';
import { atMostEvery } from '../platform/time/at-most-every.ts';
import { shareReadWithTimeout } from '../platform/time/share-read-with-timeout.ts';

/** The broker is read at most once in this time. Less than Prometheus' interval, so its samples are fresh. */
const readEveryMs = 5_000;
/** A broker that is away must not delay the metrics; Prometheus gives up after 10 s. */
const readWithinMs = 1_000;

/**
 * What the broker stores for this service, and what in its configuration breaks a promise. Resolves when the gauges show
 * the state of the last five seconds; what cannot be read within a second is left out. There are no such gauges where the
 * broker reports this elsewhere. What is read is the same for all replicas.
 */
export function storedMessagesMetrics(
  registry: Registry,
  broker: Pick<Broker, 'readBacklog' | 'problems'>,
): () => Promise<void> {
  const read = shareReadWithTimeout(broker.readBacklog, readWithinMs);
  let gauges: ReturnType<typeof registerGauges> | undefined;
  return atMostEvery(readEveryMs, async () => {
    const backlog = await read();
    if (backlog) gauges ??= registerGauges(registry);
    gauges?.show(backlog ?? { streams: [], consumers: [] }, broker.problems().length);
  });
}

function registerGauges(registry: Registry) {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const problems = gauge('orders_broker_problems', "What in the broker's configuration breaks a promise");
  const used = gauge('orders_stream_used_ratio', 'How full a stream is, of its nearer bound', 'stream');
  const consumers = {
    pending: gauge('orders_consumer_pending', 'Messages that wait for a process', 'subject'),
    unacknowledged: gauge(
      'orders_consumer_unacknowledged',
      'Messages that a process has and has not acknowledged',
      'subject',
    ),
    redelivered: gauge('orders_consumer_redelivered', 'Of these, delivered more than once', 'subject'),
  };

  return {
    show(backlog: BrokerBacklog, problemCount: number): void {
      problems.set(problemCount);
      for (const one of [used, ...Object.values(consumers)]) one.reset();
      for (const { stream, used: ratio } of backlog.streams) used.set({ stream }, ratio);
      for (const { subject, pending, unacknowledged, redelivered } of backlog.consumers) {
        consumers.pending.set({ subject }, pending);
        consumers.unacknowledged.set({ subject }, unacknowledged);
        consumers.redelivered.set({ subject }, redelivered);
      }
    },
  };
}
