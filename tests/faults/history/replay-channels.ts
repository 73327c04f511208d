import type { BrokerAddress } from '../../../dev/embedded/embedded-server.ts';
import type { SeenMessage } from './history.ts';
import { replayNatsStreaming } from './replay-nats-streaming.ts';
import { replayStreams } from './replay-streams.ts';

export const incomingSubjects = [
  'ticket:created',
  'ticket:updated',
  'payment:created',
  'payment:refunded',
  'expiration:complete',
] as const;
export const outgoingSubjects = [
  'order:created',
  'order:hold-extended',
  'order:cancelled',
  'order:paid',
  'order:refund-required',
] as const;

/**
 * Reads all messages of the subjects that the broker has, from the first one on, as a subscriber of its own.
 *
 * @throws when they have not come within a minute
 */
export function replayChannels(broker: BrokerAddress, subjects: readonly string[]): Promise<SeenMessage[]> {
  return broker.clusterId === undefined
    ? replayStreams(broker, subjects)
    : replayNatsStreaming(broker, subjects);
}
