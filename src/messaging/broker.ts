/** The message broker as the service and the commands use it. An adapter in a subfolder implements it. */
export interface Broker {
  /**
   * Resolves when the broker has stored the message. Rejects otherwise, after `publishTimeoutMs` at the latest; the
   * message may be stored nevertheless.
   *
   * Of the messages with one `messageId` within two minutes JetStream stores one: only the relay may give the id of an
   * event. Without it the message has an id of its own.
   */
  publish(subject: string, message: string, messageId?: string): Promise<void>;
  /**
   * Receives the subject's messages as a member of the queue group, from the first one on and each at least once,
   * over this connection and all later ones. `receive` must not reject. A subscription that the broker refuses is
   * requested again until it is allowed.
   */
  subscribe(subject: string, receive: Receive): void;
  /**
   * Since when this process has been subscribed to the subject without a break; undefined while it is not. A freeze
   * of the process counts as a break.
   */
  subscribedSince(subject: string): Date | undefined;
  isConnected(): boolean;
  /** The subjects whose last subscription request the broker refused. */
  refusedSubjects(): string[];
  /** What in the broker's configuration breaks a promise of this service, in words. It makes nothing unready. */
  problems(): string[];
  /**
   * What the broker stores for this service; undefined without a connection, and where the broker reports it elsewhere.
   *
   * @throws when the broker does not respond
   */
  readBacklog(): Promise<BrokerBacklog | undefined>;
  /** Calls `listener` with every connection made, the first one included. */
  onConnect(listener: () => void): void;
  /**
   * Calls `receive` with the messages of a subject since a time, up to the last message at the time of the call: in order,
   * one after the other. The service's durable and its position stay. A message that is not acknowledged is delivered again
   * after `ackWaitMs`, before any other. Resolves with the number of acknowledged messages; stops early when `signal`
   * aborts.
   *
   * @throws without a connection, and when it ends
   */
  replaySince(subject: string, since: Date, receive: Receive, signal?: AbortSignal): Promise<number>;
  /**
   * Takes no more messages. Resolves when those in flight are handled and acknowledged, or when `finish` aborts: the broker
   * then delivers the rest to another process.
   */
  stopReceiving(finish?: AbortSignal): Promise<void>;
  /** Closes the connection, without waiting for the broker's response after `finish` has aborted. Durables stay. */
  close(finish?: AbortSignal): Promise<void>;
}

export type Receive = (delivery: Delivery) => Promise<Disposition>;

/** One delivery of a message. */
export interface Delivery {
  subject: string;
  /** The message's number in its channel. It starts again when the broker loses its store. */
  sequence: number;
  /** The server's time of the message in nanoseconds, as the server has sent it. */
  timestamp: string;
  /** 1 for the first delivery of this message. */
  attempt: number;
  data: Uint8Array;
  /** The broker and the stream that it came by; absent on NATS Streaming, whose channels are named as the subjects. */
  origin?: Origin;
}

export interface Origin {
  broker: 'jetstream';
  stream: string;
}

/**
 * Whether a delivery is acknowledged. On `redeliver` the broker delivers the message again after `ackWaitMs`, on
 * `redeliver_soon` after `redeliverSoonMs` where it can delay a message.
 */
export type Disposition = 'acknowledge' | 'redeliver' | 'redeliver_soon';

/** What a broker stores for this service. */
export interface BrokerBacklog {
  /** How full each stream is: 0 to 1, by its bytes or its messages, whichever is more. */
  streams: { stream: string; used: number }[];
  /** The messages of each durable that no process has acknowledged. */
  consumers: ConsumerLag[];
}

export interface ConsumerLag {
  subject: string;
  /** Not delivered yet. */
  pending: number;
  /** In the hands of some process, and not acknowledged yet. */
  unacknowledged: number;
  /** Of these, delivered more than once. */
  redelivered: number;
}

/** How long a publish waits for the acknowledgement. The lease of an outbox is calculated from it. */
export const publishTimeoutMs = 5_000;

/** The broker delivers a message again when it was not acknowledged for this long, in whole seconds. */
export const ackWaitMs = 30_000;

/** The same for a message that an outage has kept from being handled. */
export const redeliverSoonMs = 5_000;

/** The group that shares the messages among the service's processes; its durable belongs to it as a whole. */
export const queueGroup = 'orders-service';
