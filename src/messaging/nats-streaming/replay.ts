import type { Message, SubscriptionOptions } from 'node-nats-streaming';
import { sleep } from '../../platform/time/repeat.ts';
import { ackWaitMs, type Receive } from '../broker.ts';
import type { NatsConnection } from './connection.ts';
import { toDelivery } from './delivery.ts';

/** When no last message has come after this time, the channel has none. */
const emptyAfterMs = 3_000;

interface Channel {
  connection: NatsConnection;
  subject: string;
}

/**
 * Implements `replaySince` of broker.ts. It subscribes without a durable, so the position of the service's durable stays.
 */
export async function replaySince(
  channel: Channel,
  since: Date,
  receive: Receive,
  signal?: AbortSignal,
): Promise<number> {
  const last = await lastMessage(channel);
  if (!last || last.getTimestamp() < since) return 0;
  let acknowledged = 0;
  const options = channel.connection.stan
    .subscriptionOptions()
    .setStartTime(since)
    .setManualAckMode(true)
    .setAckWait(ackWaitMs)
    .setMaxInFlight(1);
  const take = async (message: Message) => {
    if ((await receive(toDelivery(message))) !== 'acknowledge') return 'more';
    message.ack();
    acknowledged++;
    return message.getSequence() < last.getSequence() ? 'more' : 'enough';
  };
  await listen(channel, options, take, signal);
  return acknowledged;
}

async function lastMessage(channel: Channel): Promise<Message | undefined> {
  let last: Message | undefined;
  const options = channel.connection.stan.subscriptionOptions().setStartWithLastReceived();
  const came = new AbortController();
  const listening = listen(
    channel,
    options,
    async (message) => {
      last = message;
      came.abort();
      return 'enough';
    },
    came.signal,
  );
  await Promise.race([listening, sleep(emptyAfterMs, came.signal)]);
  came.abort();
  await listening;
  return last;
}

/** Takes messages until one is `enough`, or the signal aborts and none is being taken. @throws when the connection ends */
async function listen(
  { connection, subject }: Channel,
  options: SubscriptionOptions,
  take: (message: Message) => Promise<'more' | 'enough'>,
  signal?: AbortSignal,
): Promise<void> {
  const subscription = connection.stan.subscribe(subject, options);
  const over = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      subscription.on('error', (error) => reject(new Error(`${subject} cannot be read: ${String(error)}`)));
      let taking: Promise<unknown> = Promise.resolve();
      subscription.on('message', (message: Message) => {
        taking = take(message).then((need) => (need === 'enough' || signal?.aborted) && resolve(), reject);
      });
      const stop = () => void taking.then(() => resolve());
      if (signal?.aborted) stop();
      else signal?.addEventListener('abort', stop, { signal: over.signal });
      void connection.ended.then((reason) =>
        reject(new Error(`the connection to the broker ended: ${reason}`)),
      );
    });
  } finally {
    over.abort();
    subscription.removeAllListeners('message');
    if (connection.isOpen()) subscription.unsubscribe();
  }
}
