import type { Message } from 'node-nats-streaming';
import type { Delivery } from '../broker.ts';

export function toDelivery(message: Message): Delivery {
  return {
    subject: message.getSubject(),
    sequence: message.getSequence(),
    timestamp: String(message.getTimestampRaw()),
    attempt: redeliveries(message) + 1,
    data: message.getRawData(),
  };
}

/** In the library since 0.3.0, but missing from its types. */
function redeliveries(message: Message): number {
  return (message as Message & { getRedeliveryCount(): number }).getRedeliveryCount();
}
