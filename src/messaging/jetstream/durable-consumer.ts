import { AckPolicy, type ConsumerInfo, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { ackWaitMs } from '../broker.ts';
import type { JetStreamConnection } from './connection.ts';
import { unlessMissing } from './streams.ts';

export interface DurableAddress {
  stream: string;
  subject: string;
  /** The group that shares the messages; its durables have names that begin with it. */
  queueGroup: string;
}

/**
 * Messages of one subject that all replicas together have in hand before the server waits for acknowledgements: 16
 * replicas with as many as each handles at a time (subscription.ts).
 */
const maxUnacknowledged = 1_024;

/** The name of a subject's durable. The server refuses names with dots, blanks and wildcards. */
export function durableName({ queueGroup, subject }: Pick<DurableAddress, 'queueGroup' | 'subject'>): string {
  return `${queueGroup}-${subject}`.replace(/[^A-Za-z0-9_-]/g, '-');
}

/** Resolves with the subject's durable, or undefined where there is none. @throws when the server does not respond */
export function findDurable(
  { manager }: JetStreamConnection,
  address: DurableAddress,
): Promise<ConsumerInfo | undefined> {
  return unlessMissing(manager.consumers.info(address.stream, durableName(address)));
}

/**
 * Resolves with the subject's durable, which is created where there is none: from the stream's first message on. One that
 * is there stays as it is: an operator may have changed its limits.
 *
 * @throws when the server refuses, or a durable of this name is for something else
 */
export async function keepDurable(
  connection: JetStreamConnection,
  address: DurableAddress,
): Promise<ConsumerInfo> {
  const { stream, subject } = address;
  const name = durableName(address);
  const info =
    (await findDurable(connection, address)) ??
    (await connection.manager.consumers.add(stream, {
      durable_name: name,
      filter_subject: subject,
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      max_ack_pending: maxUnacknowledged,
    }));
  const { config } = info;
  if (config.ack_policy !== AckPolicy.Explicit || config.filter_subject !== subject)
    throw new Error(
      `the durable ${name} of ${stream} is not one for ${subject} with explicit acknowledgements`,
    );
  return info;
}

/** What in a durable's configuration breaks a promise of this service, in words. */
export function durableProblems({ name, config }: ConsumerInfo): string[] {
  const { ack_wait: ackWait = 0, max_deliver: maxDeliver = -1 } = config;
  const isShort = ackWait < nanos(ackWaitMs);
  return [
    ...(isShort ? [`durable ${name} delivers again before a message is handled (ack_wait)`] : []),
    ...(maxDeliver > 0 ? [`durable ${name} gives messages up after ${maxDeliver} tries (max_deliver)`] : []),
  ];
}
