import type { Message, Stan } from 'node-nats-streaming';

/** What every event of an order carries. Everything else is in `/docs/asyncapi.yaml` of the orders service. */
export interface OrderEvent {
  /** The order. */
  id: string;
  /** Grows by 1 with every change of the order's status. */
  version: number;
  userId: string;
  ticket: { id: string; price?: number };
}

export interface Listener<Data> {
  stan: Stan;
  subject: string;
  /** Named after your service, and the same in all of its processes. It names the durable, too. */
  queueGroup: string;
  /**
   * Stores what becomes of the message. When it rejects, the message is not acknowledged and comes again after AckWait.
   * `again`: it was delivered before, and this or another process may have ended in the middle of it.
   */
  onMessage: (data: Data, again: boolean) => Promise<void>;
}

/** Longer than you ever need for one message, in milliseconds. */
const ackWaitMs = 5_000;

/** Subscribes as the services of such marketplaces do. Resolves once the broker has taken the subscription. */
export function listen<Data>({ stan, subject, queueGroup, onMessage }: Listener<Data>): Promise<void> {
  const options = stan
    .subscriptionOptions()
    .setDeliverAllAvailable()
    .setDurableName(queueGroup)
    .setManualAckMode(true)
    .setAckWait(ackWaitMs);
  const subscription = stan.subscribe(subject, queueGroup, options);
  subscription.on('message', (message: Message) => {
    handle(message, onMessage).catch((error: unknown) => {
      // Caught here: a rejection that nobody handles ends the process.
      console.error(`${subject} ${message.getSequence()} comes again:`, error);
    });
  });
  return new Promise((resolve, reject) => {
    subscription.once('ready', () => resolve());
    subscription.once('error', reject);
  });
}

async function handle<Data>(message: Message, onMessage: Listener<Data>['onMessage']): Promise<void> {
  const data = parse<Data>(message);
  if (data) await onMessage(data, message.isRedelivered());
  message.ack();
}

/** What is no JSON will not be better the next time: it is logged and acknowledged. */
function parse<Data>(message: Message): Data | undefined {
  const text = message.getRawData().toString();
  try {
    return JSON.parse(text) as Data;
  } catch {
    console.error(`${message.getSubject()} ${message.getSequence()} is no JSON:`, text);
    return undefined;
  }
}

/** Resolves once the broker has stored the event. */
export function publish(stan: Stan, subject: string, data: object): Promise<void> {
  return new Promise((resolve, reject) => {
    stan.publish(subject, JSON.stringify(data), (error) => (error ? reject(error) : resolve()));
  });
}
