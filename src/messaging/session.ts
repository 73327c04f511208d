import type { BrokerBacklog, Receive } from './broker.ts';

export interface SubscriptionListeners {
  onSubscribed(): void;
  /** Called with each refusal; the request is sent again. */
  onRefused(reason: string): void;
  /** Called when the subscription ends although the connection stays; it is requested again. */
  onInterrupted(reason: string): void;
}

/** Publishing and subscriptions over one connection. An adapter opens it; reconnecting-broker.ts replaces a lost one. */
export interface Session {
  /** As `Broker.publish`. */
  publish(subject: string, message: string, messageId?: string): Promise<void>;
  subscribe(subject: string, receive: Receive, listeners: SubscriptionListeners): void;
  /** As `Broker.replaySince`. */
  replaySince(subject: string, since: Date, receive: Receive, signal?: AbortSignal): Promise<number>;
  /** As `Broker.problems`. */
  problems(): string[];
  /** As `Broker.readBacklog`. */
  readBacklog(): Promise<BrokerBacklog | undefined>;
  /** Resolves when what is in flight is handled and acknowledged, or when `finish` aborts. */
  stopReceiving(finish?: AbortSignal): Promise<void>;
  /** Resolves when the connection is gone, with the reason. */
  ended: Promise<string>;
  /** Ends the connection at once. */
  end(reason: unknown): void;
  close(finish?: AbortSignal): Promise<void>;
}
