import type { Message, Subscription } from 'node-nats-streaming';
import { backoff, sleep } from '../../platform/time/repeat.ts';
import { ackWaitMs, type Delivery, type Receive } from '../broker.ts';
import { createInFlightMessages } from '../in-flight-messages.ts';
import { type NatsConnection, reasonOf } from './connection.ts';
import { toDelivery } from './delivery.ts';

export interface SubscriptionDeps {
  connection: NatsConnection;
  subject: string;
  /** The group that shares the messages; its durable has the same name. */
  queueGroup: string;
  receive: Receive;
  /** Called when the server has taken the subscription. */
  onSubscribed(): void;
  /** Called with each refusal; the server is asked again. */
  onRefused(reason: string): void;
}

/** Messages of one subject that the broker delivers to this process before it waits for acknowledgements. */
const maxInFlight = 64;
const askAgainFirstMs = 1_000;
const askAgainCapMs = 60_000;

/**
 * Subscribes to a subject for as long as the connection lives. When the server refuses, it is asked again after a pause
 * that doubles from a second to a minute, and the other subscriptions go on meanwhile. A request that is not answered
 * ends the connection: the server may have taken it, and would deliver to nobody.
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
    // What is not taken is not acknowledged: the broker delivers it again.
    if (stopping.signal.aborted || !connection.isOpen()) return;
    const delivery = toDelivery(message);
    inFlight.add(delivery, () => handle(message, delivery));
  }

  async function keepAsking(): Promise<void> {
    const shouldAsk = () => connection.isOpen() && !stopping.signal.aborted;
    for (let refusals = 0; shouldAsk(); refusals++) {
      const asked = ask(deps, take);
      const refusal = await asked.refusal;
      if (!connection.isOpen()) return;
      if (refusal === undefined) {
        subscription = asked.subscription;
        onSubscribed();
        return;
      }
      connection.forget(asked.subscription);
      onRefused(refusal);
      await sleep(backoff(refusals, askAgainFirstMs, askAgainCapMs), stopping.signal);
    }
  }

  void connection.ended.then(() => stopping.abort());
  const asking = keepAsking();

  return {
    /** Takes no more messages; resolves when those in hand are handled and acknowledged. */
    async stop() {
      stopping.abort();
      await Promise.all([inFlight.allDone(), asking]);
      if (subscription && connection.isOpen()) await closeSubscription(subscription, connection.ended);
    },
  };
}

/** Sends one request. Its `refusal` resolves with the server's reason, or undefined when it has taken the subscription. */
function ask({ connection, subject, queueGroup }: SubscriptionDeps, take: (message: Message) => void) {
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
    let answered = false;
    const answer = (reason?: unknown) => {
      answered = true;
      stopWatching();
      resolve(reason === undefined ? undefined : reasonOf(reason));
    };
    const stopWatching = connection.onSubscribingForbidden(answer);
    subscription.on('ready', () => answer());
    // A later one is of a message that cannot be read.
    subscription.on('error', (error) => (answered ? connection.end(error) : answer(error)));
    subscription.on('timeout', () => {
      if (!answered) connection.end(`no answer to the subscription of ${subject}`);
    });
    void connection.ended.then(() => answer());
  });
  return { subscription, refusal };
}

/** Leaves the queue group, so that the broker gives the messages to the others at once. The durable stays. */
async function closeSubscription(subscription: Subscription, ended: Promise<string>): Promise<void> {
  // What goes wrong from here on ends nothing else.
  subscription.removeAllListeners();
  const closed = new Promise<void>((resolve) => {
    for (const event of ['closed', 'error', 'timeout']) subscription.on(event, () => resolve());
  });
  subscription.close();
  await Promise.race([closed, ended]);
}
