import { operationTimeoutMs } from '../platform/mongo/timeouts.ts';

/** What the service needs of a message broker. An adapter in a folder below provides it. */
export interface Broker {
  /**
   * Resolves when the broker has stored the message. Rejects otherwise, after `publishTimeoutMs` at the latest; the
   * message may be stored all the same.
   */
  publish(subject: string, message: string): Promise<void>;
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
  /** Calls `listener` with every connection made, the first one included. */
  onConnect(listener: () => void): void;
  /**
   * Takes no more messages. Resolves when those in flight are handled and acknowledged, and at the latest after
   * `stopReceivingWithinMs`: the broker then delivers the rest to another process.
   */
  stopReceiving(): Promise<void>;
  /** Ends the connection for good, within `closeWithinMs`. Durables stay. */
  close(): Promise<void>;
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
}

/** What the broker is to do with a delivery. On `redeliver` it delivers the message again after `ackWaitMs`. */
export type Disposition = 'acknowledge' | 'redeliver';

/** How long a publish waits for the acknowledgement. The leases of the outboxes are made of it. */
export const publishTimeoutMs = 5_000;

/** The broker delivers a message again when it was not acknowledged for this long, in whole seconds. */
export const ackWaitMs = 30_000;

/** A little longer than one operation of the database takes. What is in flight then is delivered again. */
export const stopReceivingWithinMs = operationTimeoutMs + 500;
/** A broker that can be reached closes at once. */
export const closeWithinMs = 1_000;

/** The group that shares the messages among the service's processes; its durable belongs to it as a whole. */
export const queueGroup = 'orders-service';
