import nats, { type Message, type Stan, type Subscription } from 'node-nats-streaming';
import { ackWaitMs, type Delivery, type Verdict } from './broker.ts';

export interface SessionOptions {
  url: string;
  clusterId: string;
  /** Unique among live processes. */
  clientId: string;
  /** The group that shares the messages; its durable has the same name. */
  queueGroup: string;
}

/** One connection to NATS Streaming, from its opening to its end. It is never repaired, only replaced. */
export interface Session {
  publish(subject: string, message: string): Promise<void>;
  subscribe(subject: string, receive: (delivery: Delivery) => Promise<Verdict>): void;
  stopReceiving(): Promise<void>;
  /** Resolves when the connection is gone, with the reason. */
  ended: Promise<string>;
  close(): Promise<void>;
}

const connectTimeoutMs = 5_000;
const publishTimeoutMs = 5_000;
/** Messages of one subject that this process handles at once. */
const maxInFlight = 64;

/** A server that is frozen or cut off is noticed after at most 3 intervals plus one. */
const heartbeat = { stanPingInterval: 5_000, stanMaxPingOut: 2, pingInterval: 5_000, maxPingOut: 2 };

/**
 * Opens a connection.
 *
 * @throws when the server cannot be reached within 5 s, or refuses the client id because it is in use
 */
export async function openSession(
  { url, clusterId, clientId, queueGroup }: SessionOptions,
  signal: AbortSignal,
): Promise<Session> {
  const stan = nats.connect(clusterId, clientId, {
    url,
    connectTimeout: connectTimeoutMs,
    ackTimeout: publishTimeoutMs,
    stanEncoding: 'binary',
    // The library's own reconnect keeps subscriptions that the server may have given up: a new connection is clearer.
    reconnect: false,
    ...heartbeat,
  });
  let open = true;
  const ended = new Promise<string>((resolve) => {
    const end = (reason: unknown) => {
      open = false;
      resolve(reasonOf(reason));
    };
    // The library emits plain strings too, and an `error` without a listener would end the process.
    stan.on('error', end);
    stan.on('connection_lost', end);
    stan.on('disconnect', () => end('disconnected'));
    stan.on('close', () => end('closed'));
  });
  await connected(stan, ended, signal);

  const subscriptions: Subscription[] = [];
  const inHand = new Set<Promise<void>>();
  let receiving = true;

  async function handle(message: Message, receive: (delivery: Delivery) => Promise<Verdict>): Promise<void> {
    const verdict = await receive(toDelivery(message));
    // On a lost connection the acknowledgement is lost too, and the broker delivers the message again.
    if (verdict === 'acknowledge' && open) message.ack();
  }

  return {
    ended,

    publish(subject, message) {
      return new Promise((resolve, reject) => {
        if (!open) throw new Error('the connection to the broker has ended');
        stan.publish(subject, message, (error) =>
          // A connection that closes calls back without an error, as if the broker had the message, and tells of
          // its end only afterwards in the same turn. Hence the second look once the turn is over.
          queueMicrotask(() => {
            if (error || !open)
              reject(new Error(`not acknowledged by the broker: ${reasonOf(error ?? 'closed')}`));
            else resolve();
          }),
        );
      });
    },

    subscribe(subject, receive) {
      const options = stan
        .subscriptionOptions()
        .setDeliverAllAvailable()
        .setDurableName(queueGroup)
        .setManualAckMode(true)
        .setAckWait(ackWaitMs)
        .setMaxInFlight(maxInFlight);
      const subscription = stan.subscribe(subject, queueGroup, options);
      subscriptions.push(subscription);
      subscription.on('message', (message: Message) => {
        if (!receiving) return;
        const handling = handle(message, receive).finally(() => inHand.delete(handling));
        inHand.add(handling);
      });
      // Without its subscription a connection is of no use: give it up and make another.
      subscription.on('error', () => endUnderlying(stan));
      subscription.on('timeout', () => endUnderlying(stan));
    },

    async stopReceiving() {
      receiving = false;
      await Promise.all(inHand);
      if (open)
        await Promise.all(subscriptions.map((subscription) => closeSubscription(subscription, ended)));
    },

    async close() {
      if (open) stan.close();
      await ended;
    },
  };
}

async function connected(stan: Stan, ended: Promise<string>, signal: AbortSignal): Promise<void> {
  const giveUp = () => endUnderlying(stan);
  const timer = setTimeout(giveUp, connectTimeoutMs);
  signal.addEventListener('abort', giveUp);
  const outcome = await Promise.race([
    new Promise<'connected'>((resolve) => stan.once('connect', () => resolve('connected'))),
    ended,
  ]);
  clearTimeout(timer);
  signal.removeEventListener('abort', giveUp);
  if (outcome === 'connected') return;
  endUnderlying(stan);
  throw new Error(outcome === 'closed' ? 'no answer in time' : outcome);
}

/** Ends a connection that is of no use any more, without waiting for the server. */
function endUnderlying(stan: Stan): void {
  const library = stan as Stan & { nc?: { close(): void }; cleanupOnClose(error?: Error): void };
  library.nc?.close();
  // That takes the library's own listeners away first, so its timers and its `close` are left to us.
  library.cleanupOnClose(new Error('closed'));
  stan.emit('close');
}

/** Leaves the queue group, so that the broker gives the messages to the others at once. The durable stays. */
function closeSubscription(subscription: Subscription, ended: Promise<string>): Promise<unknown> {
  const closed = new Promise<void>((resolve) => {
    for (const event of ['closed', 'error', 'timeout']) subscription.on(event, () => resolve());
  });
  subscription.close();
  return Promise.race([closed, ended]);
}

function toDelivery(message: Message): Delivery {
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

function reasonOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
