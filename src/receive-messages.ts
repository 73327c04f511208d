import type { Broker } from './messaging/broker.ts';
import type { Listener } from './messaging/listener.ts';
import { withMessageDeadline } from './messaging/message-deadline.ts';
import { createMessageFailures } from './messaging/message-failures.ts';
import { type ReceivingDeps, receive } from './messaging/receive.ts';
import type { Availability } from './platform/mongo/availability.ts';
import type { Clock } from './platform/time/clock.ts';

export interface MessagesDeps extends Omit<ReceivingDeps, 'failures'> {
  broker: Pick<Broker, 'subscribe'>;
  availability: Availability;
  clock: Clock;
}

/** Subscribes every listener to its subject. */
export function receiveMessages(listeners: Listener[], deps: MessagesDeps): void {
  const { broker, availability, clock, ...receiving } = deps;
  const failures = createMessageFailures({ clock });
  for (const listener of listeners) {
    const bounded = withMessageDeadline({ availability }, listener);
    broker.subscribe(listener.subject, (delivery) => receive({ ...receiving, failures }, bounded, delivery));
  }
}
