import { Counter, Histogram, type Registry } from 'prom-client';
import type { DeliveryReport } from '../messaging/receive.ts';
import type { PublishReport } from '../outbox/outbox-publisher.ts';
import { receivedSubjects, sentSubjects } from './counted-subjects.ts';

/** The messages that are received and the events that are published. */
export function messageMetrics(registry: Registry) {
  const registers = [registry];
  const handling = new Histogram({
    name: 'orders_message_handling_seconds',
    help: 'Time to handle one delivery of a message, by subject and outcome',
    labelNames: ['subject', 'outcome'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers,
  });
  const redelivered = new Counter({
    name: 'orders_messages_redelivered_total',
    help: 'Deliveries of messages that had been delivered before',
    labelNames: ['subject'],
    registers,
  });
  const publishing = new Histogram({
    name: 'orders_publish_duration_seconds',
    help: "Time until the broker's acknowledgement of an event",
    labelNames: ['subject'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const failures = new Counter({
    name: 'orders_publish_failures_total',
    help: 'Events that the broker did not acknowledge; each is sent again',
    labelNames: ['subject'],
    registers,
  });
  // An increase is seen only between two samples, so what is rare starts with a sample of 0.
  for (const subject of sentSubjects) failures.inc({ subject }, 0);
  for (const subject of receivedSubjects) {
    handling.zero({ subject, outcome: 'dead_letter' });
    redelivered.inc({ subject }, 0);
  }

  return {
    onMessage({ subject, outcome, attempt, seconds }: DeliveryReport) {
      handling.observe({ subject, outcome }, seconds);
      if (attempt > 1) redelivered.inc({ subject });
    },
    onPublish({ subject, outcome, seconds }: PublishReport) {
      if (outcome === 'acknowledged') publishing.observe({ subject }, seconds);
      else failures.inc({ subject });
    },
  };
}
