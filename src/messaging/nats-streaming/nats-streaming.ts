import type { Logger } from 'pino';
import type { Clock } from '../../platform/time/clock.ts';
import type { Broker } from '../broker.ts';
import { createReconnectingBroker } from '../reconnecting-broker.ts';
import { openSession, type SessionOptions } from './session.ts';

export interface NatsStreamingDeps extends SessionOptions {
  log: Logger;
  clock?: Clock;
}

/**
 * A broker on NATS Streaming. It also tries again when the server refuses the connection because a crashed process still
 * has the client id.
 */
export function connectNatsStreaming({ log, clock, ...options }: NatsStreamingDeps): Broker {
  const { clientId } = options;
  const open = (signal: AbortSignal) => openSession(options, signal);
  return createReconnectingBroker({ open, logFields: { clientId }, log, clock });
}
