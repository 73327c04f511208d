/** What the service and the commands need of a message broker; connect-broker.ts chooses which it is. */
export interface Broker {
  /** Resolves when the broker has stored the message. Rejects otherwise; the message may be stored all the same. */
  publish(subject: string, message: string): Promise<void>;
  /**
   * Receives the subject's messages as a member of the queue group, from the first one on and each at least once,
   * over this connection and all that follow it. `receive` must not reject. One that the broker refuses is tried
   * again until it is allowed.
   */
  subscribe(subject: string, receive: Receive): void;
  /**
   * Since when this process has been subscribed to the subject without a break; undefined while it is not. A freeze
   * of the process counts as a break.
   */
  subscribedSince(subject: string): Date | undefined;
  isConnected(): boolean;
  /** The subjects whose subscription the broker refused when it was last asked. */
  refusedSubjects(): string[];
  /** Calls `listener` with every connection made, the first one included. */
  onConnect(listener: () => void): void;
  /**
   * Hands over what a subject has got since a time, up to what is its last message now: in order, one after the other, and
   * only to this caller. What the service has read, and where its durable stands, is not touched. A message that is not
   * acknowledged comes again after `ackWaitMs`, before anything else. Resolves with the number of messages that were
   * acknowledged; stops early when `signal` aborts.
   *
   * @throws without a connection, and when it ends meanwhile
   */
  replaySince(subject: string, since: Date, receive: Receive, signal?: AbortSignal): Promise<number>;
  /**
   * Takes no more messages; resolves when those in hand are handled and acknowledged, or when `finish` aborts: the broker
   * then delivers the rest to another process.
   */
  stopReceiving(finish?: AbortSignal): Promise<void>;
  /** Ends the connection for good, without waiting for the broker's word once `finish` aborts. Durables stay. */
  close(finish?: AbortSignal): Promise<void>;
}

export type Receive = (delivery: Delivery) => Promise<Disposition>;

/** One delivery of a message. */
export interface Delivery {
  subject: string;
  /** The message's number in its channel. It starts again when the broker loses its store. */
  sequence: number;
  /** The server's time of the message, as it sent it (nanoseconds). */
  timestamp: string;
  /** 1 for the first delivery of this message. */
  attempt: number;
  data: Uint8Array;
}

/** What the broker is to do with a delivery. `redeliver`: it delivers the message again after `ackWaitMs`. */
export type Disposition = 'acknowledge' | 'redeliver';

/** The broker delivers a message again when it was not acknowledged for this long, in whole seconds. */
export const ackWaitMs = 30_000;

/** The group that shares the messages among the service's processes; its durable belongs to it as a whole. */
export const queueGroup = 'orders-service';
