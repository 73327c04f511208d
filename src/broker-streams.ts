import type { WantedStream } from './messaging/jetstream/streams.ts';

const dayMs = 86_400_000;
const gibibyte = 1024 ** 3;

/**
 * The streams that the service creates on JetStream. Two, because their messages live for different times: a new replica of
 * the tickets is built from all messages about them. Subjects that only later releases use are there from the start.
 */
export const brokerStreams: readonly WantedStream[] = [
  {
    name: 'ORDERS_TICKETS',
    subjects: ['ticket:created', 'ticket:updated'],
    maxAgeMs: 0,
    maxBytes: 2 * gibibyte,
  },
  {
    name: 'ORDERS_EVENTS',
    subjects: [
      ...['order:created', 'order:cancelled', 'order:paid', 'order:refund-required', 'order:hold-extended'],
      ...['payment:created', 'payment:refunded'],
      'expiration:complete',
    ],
    maxAgeMs: 30 * dayMs,
    maxBytes: 4 * gibibyte,
  },
];
