import type { JsMsg } from '@nats-io/jetstream';
import type { Delivery } from '../broker.ts';

export function toDelivery(message: JsMsg): Delivery {
  const { subject, data, info, timestampNanos } = message;
  return {
    subject,
    sequence: info.streamSequence,
    timestamp: String(timestampNanos),
    attempt: info.deliveryCount,
    data,
    origin: { broker: 'jetstream', stream: info.stream },
  };
}
