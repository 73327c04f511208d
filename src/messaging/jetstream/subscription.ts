import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Logger } from 'pino';
import { backoff, sleep } from '../../platform/time/repeat.ts';
import { type Disposition, type Receive, redeliverSoonMs } from '../broker.ts';
import { reasonOf } from '../connection-end.ts';
import { createInFlightMessages } from '../in-flight-messages.ts';
import type { SubscriptionListeners } from '../session.ts';
import type { JetStreamConnection } from './connection.ts';
import { toDelivery } from './delivery.ts';
import { durableProblems, findDurable, keepDurable } from './durable-consumer.ts';
import { createProblemList } from './problem-list.ts';
import type { Streams } from './streams.ts';

export interface SubscriptionDeps {
  connection: JetStreamConnection;
  streams: Pick<Streams, 'find'>;
  subject: string;
  /** The group that shares the messages; its durable's name begins with it. */
  queueGroup: string;
  receive: Receive;
  listeners: SubscriptionListeners;
  log: Logger;
}

export interface JetStreamSubscription {
  subject: string;
  /** The stream that the messages come from; undefined while there is none. */
  stream(): string | undefined;
  /** What in the durable's configuration breaks a promise of this service, in words. */
  problems(): string[];
  /** Looks for these problems again: an operator may have changed the durable. @throws when the broker does not respond */
  check(): Promise<void>;
  /** Takes no more messages. Resolves when those in flight are handled and their acknowledgements are written. */
  stop(): Promise<void>;
}

/** Messages of one subject that this process handles at a time; it asks for no more. */
const maxHandling = 64;
const retryFirstMs = 1_000;
const retryCapMs = 5_000;
/** A request for messages ends after this time and is followed by the next. */
const requestMs = 30_000;
/** The server reports that it is there this often while there are no messages. Two missing end the request. */
const heartbeatMs = 5_000;

/**
 * Receives the messages of a subject for as long as the connection lives. When the stream or the durable is refused, or
 * goes away, it is looked for and created again, after a pause that doubles from one second to five.
 *
 * It asks for as many messages as it can handle at once: none waits in this process while its acknowledgement is due.
 */
export function subscribeDurably(deps: SubscriptionDeps): JetStreamSubscription {
  const { connection, streams, subject, queueGroup, receive, listeners, log } = deps;
  const stopping = new AbortController();
  const inFlight = createInFlightMessages();
  const shouldReceive = () => connection.isOpen() && !stopping.signal.aborted;
  const { problems, replace } = createProblemList(log);
  let stream: string | undefined;
  let request: ConsumerMessages | undefined;

  async function handle(message: JsMsg): Promise<void> {
    try {
      settle(message, await receive(toDelivery(message)));
    } catch (error) {
      connection.end(error);
    }
  }

  /** On a lost connection the acknowledgement is lost, too, and the broker delivers the message again. */
  function settle(message: JsMsg, disposition: Disposition): void {
    if (!connection.isOpen()) return;
    if (disposition === 'acknowledge') message.ack();
    else if (disposition === 'redeliver_soon') message.nak(redeliverSoonMs);
  }

  async function takeRequested(consumer: Consumer): Promise<void> {
    request = await consumer.fetch({
      max_messages: maxHandling - inFlight.count(),
      ...{ expires: requestMs, idle_heartbeat: heartbeatMs },
    });
    for await (const message of request) {
      // Another process gets it at once.
      if (stopping.signal.aborted) message.nak();
      else inFlight.add(toDelivery(message), () => handle(message));
    }
  }

  /** @throws when stream or durable are missing, and when the server is not heard of */
  async function receiveMessages(onSubscribed: () => void): Promise<void> {
    stream = await streams.find(subject);
    const info = await keepDurable(connection, { stream, subject, queueGroup });
    replace(durableProblems(info));
    const consumer = connection.client.consumers.getConsumerFromInfo(info);
    onSubscribed();
    while (shouldReceive()) {
      if (inFlight.count() >= maxHandling) await inFlight.nextDone();
      else await takeRequested(consumer);
    }
  }

  async function keepReceiving(): Promise<void> {
    let failures = 0;
    while (shouldReceive()) {
      let isSubscribed = false;
      const onSubscribed = () => {
        [isSubscribed, failures] = [true, 0];
        listeners.onSubscribed();
      };
      try {
        await receiveMessages(onSubscribed);
      } catch (error) {
        if (!shouldReceive()) return;
        if (isSubscribed) listeners.onInterrupted(reasonOf(error));
        else listeners.onRefused(reasonOf(error));
        await sleep(backoff(failures++, retryFirstMs, retryCapMs), stopping.signal);
      }
    }
  }

  const stop = () => {
    stopping.abort();
    if (request) endRequest(request);
  };
  void connection.ended.then(stop);
  const receiving = keepReceiving();

  return {
    subject,
    stream: () => stream,
    problems,
    async check() {
      if (stream === undefined) return;
      const info = await findDurable(connection, { stream, subject, queueGroup });
      // One that is gone is made again by whoever asks for messages.
      if (info) replace(durableProblems(info));
    },
    async stop() {
      stop();
      await Promise.all([receiving, inFlight.allDone()]);
      // Those that came last.
      await inFlight.allDone();
    },
  };
}

/** What the library's types leave out. */
interface WithSubscription extends ConsumerMessages {
  sub?: { drain(): Promise<void> };
}

/**
 * Ends a request once all that the server has sent for it has come. The library's `close` drops what is on its way, and the
 * server delivers that again only after `ackWaitMs`.
 */
function endRequest(request: WithSubscription): void {
  // A connection that has ended ends the request, too.
  request.sub?.drain().catch(() => undefined);
}
