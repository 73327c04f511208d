import type { Clock } from '../../platform/time/clock.ts';
import type { Broker } from '../broker.ts';
import { createReconnectingBroker } from '../reconnecting-broker.ts';
import { openSession, type SessionOptions } from './session.ts';

export interface JetStreamDeps extends SessionOptions {
  clock?: Clock;
}

/** A broker on JetStream. */
export function connectJetStream({ clock, ...options }: JetStreamDeps): Broker {
  const { servers, log } = options;
  const open = (signal: AbortSignal) => openSession(options, signal);
  return createReconnectingBroker({ open, logFields: { servers }, log, clock });
}
