import type { Message, Subscription } from 'node-nats-streaming';
import { backoff, sleep } from '../../platform/time/repeat.ts';
import { ackWaitMs, type Delivery, type Receive } from '../broker.ts';
import { reasonOf } from '../connection-end.ts';
import { createInFlightMessages } from '../in-flight-messages.ts';
import type { NatsConnection } from './connection.ts';
import { toDelivery } from './delivery.ts';

export interface SubscriptionDeps {
  connection: NatsConnection;
  subject: string;
  /** The group that shares the messages; its durable has the same name. */
  queueGroup: string;
  receive: Receive;
  /** Called when the server has taken the subscription. */
  onSubscribed(): void;
  /** Called with each refusal; the request is sent again. */
  onRefused(reason: string): void;
}

/** Messages of one subject that the broker delivers to this process before it waits for acknowledgements. */
const maxInFlight = 64;
const retryFirstMs = 1_000;
const retryCapMs = 60_000;

/**
 * Subscribes to a subject for as long as the connection lives. When the server refuses, the request is sent again after
 * a pause that doubles from a second to a minute; other subscriptions do not wait for it. A request without a response
 * ends the connection: the server may have accepted it, and would deliver messages that no listener handles.
 */
export function subscribeDurably(deps: SubscriptionDeps): { stop(): Promise<void> } {
  const { connection, receive, onSubscribed, onRefused } = deps;
  const stopping = new AbortController();
  const inFlight = createInFlightMessages();
  let subscription: Subscription | undefined;

  async function handle(message: Message, delivery: Delivery): Promise<void> {
    try {
      const disposition = await receive(delivery);
      // On a lost connection the acknowledgement is lost too, and the broker delivers the message again.
      if (disposition === 'acknowledge' && connection.isOpen()) message.ack();
    } catch (error) {
      connection.end(error);
    }
  }

  function take(message: Message): void {
    // A message that is not taken is not acknowledged: the broker delivers it again.
    if (stopping.signal.aborted || !connection.isOpen()) return;
    const delivery = toDelivery(message);
    inFlight.add(delivery, () => handle(message, delivery));
  }

  async function requestUntilTaken(): Promise<void> {
    const shouldRequest = () => connection.isOpen() && !stopping.signal.aborted;
    for (let refusals = 0; shouldRequest(); refusals++) {
      const request = sendRequest(deps, take);
      const refusal = await request.refusal;
      if (!connection.isOpen()) return;
      if (refusal === undefined) {
        subscription = request.subscription;
        onSubscribed();
        return;
      }
      connection.forget(request.subscription);
      onRefused(refusal);
      await sleep(backoff(refusals, retryFirstMs, retryCapMs), stopping.signal);
    }
  }

  void connection.ended.then(() => stopping.abort());
  const requesting = requestUntilTaken();

  return {
    /** Takes no more messages. Resolves when those in flight are handled and acknowledged. */
    async stop() {
      stopping.abort();
      await Promise.all([inFlight.allDone(), requesting]);
      if (subscription && connection.isOpen()) await closeSubscription(subscription, connection.ended);
    },
  };
}

/** Sends one request. Its `refusal` resolves with the server's reason, or undefined when the server has taken it. */
function sendRequest(
  { connection, subject, queueGroup }: SubscriptionDeps,
  take: (message: Message) => void,
) {
  const options = connection.stan
    .subscriptionOptions()
    .setDeliverAllAvailable()
    .setDurableName(queueGroup)
    .setManualAckMode(true)
    .setAckWait(ackWaitMs)
    .setMaxInFlight(maxInFlight);
  const subscription = connection.stan.subscribe(subject, queueGroup, options);
  subscription.on('message', take);
  const refusal = new Promise<string | undefined>((resolve) => {
    let isSettled = false;
    const settle = (reason?: unknown) => {
      isSettled = true;
      stopWatching();
      resolve(reason === undefined ? undefined : reasonOf(reason));
    };
    const stopWatching = connection.onSubscribingForbidden(settle);
    subscription.on('ready', () => settle());
    // A later error is about a message that cannot be decoded.
    subscription.on('error', (error) => (isSettled ? connection.end(error) : settle(error)));
    subscription.on('timeout', () => {
      if (!isSettled) connection.end(`no response to the subscription of ${subject}`);
    });
    void connection.ended.then(() => settle());
  });
  return { subscription, refusal };
}

/** Leaves the queue group, so that the broker gives the messages to the others at once. The durable stays. */
async function closeSubscription(subscription: Subscription, ended: Promise<string>): Promise<void> {
  // An error from here on must not end the connection.
  subscription.removeAllListeners();
  const closed = new Promise<void>((resolve) => {
    for (const event of ['closed', 'error', 'timeout']) subscription.on(event, () => resolve());
  });
  subscription.close();
  await Promise.race([closed, ended]);
}
