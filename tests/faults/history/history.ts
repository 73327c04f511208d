import type { Span } from './spans.ts';

/**
 * What happened in a round, as the rules get it. Times are in milliseconds since 1970; every process of a round runs
 * on one machine, so they all come from one clock.
 */
export interface History {
  settings: Settings;
  answers: Answer[];
  faults: Fault[];
  /** When the database did not answer the suite itself within a second, whatever the reason. */
  outages: Span[];
  exits: Exit[];
  /** What the operator did, and how it ended. None in a round without one. */
  commands: OperatorCommand[];
  /** Malformed messages and payments of unknown orders, which have to end as dead letters. */
  poison: Poison[];
  /** Everything that lies in the broker's channels. */
  messages: SeenMessage[];
  orders: StoredOrder[];
  tickets: StoredTicket[];
  parked: { ticketId: string; version: number }[];
  deadLetters: DeadLetter[];
  /** The tickets that the classic tickets service has locked at the end. None in a round without such peers. */
  locks: TicketLock[];
}

export interface Settings {
  seed: number;
  seconds: number;
  holdMs: number;
  /** How far holds can be extended. Absent in a round in which they cannot. */
  extension?: ExtensionSettings;
  gapTimeoutMs: number;
  /** When load and faults ended. */
  healedAt: number;
  /** The time after the faults in which 128 requests were in flight throughout. */
  quietWindow: Span;
  /** How many events the rule for the lag has to judge at least. */
  minJudgedEvents: number;
  /** Of the messages with one id within this time the broker stores one. Absent on NATS Streaming, which knows no ids. */
  duplicateWindowMs?: number;
  /** The release before serves, too. It stores no time with a refund. Absent in a round of one release. */
  besideRelease01?: true;
  /** What the service is set to for the sake of its peers. Absent in a round without classic peers. */
  peers?: PeerSettings;
}

interface ExtensionSettings {
  /** How long a hold lasts from its extension. */
  extensionMs: number;
  /** The longest hold, from the order's `createdAt`. */
  holdLimitMs: number;
}

export interface PeerSettings {
  /** What each of our statuses is called in events and answers. */
  statusNames: Record<string, string>;
  /** Between two events that lock or unlock a ticket. */
  spacingMs: number;
  /** After so long the peers get a message again that they have not acknowledged. */
  ackWaitMs: number;
}

/** A request and what became of it. */
export interface Answer {
  requestId: string;
  service: string;
  kind: 'place' | 'extend' | 'cancel' | 'show' | 'list';
  userId: string;
  ticketId?: string;
  orderId?: string;
  key?: string;
  sentAt: number;
  answeredAt: number;
  /** `cut`: no answer came, so the request may have been carried out or not. */
  status: number | 'cut';
  /** The order that the answer shows; of a list the one that was looked for. */
  shown?: ShownOrder;
}

export interface ShownOrder {
  id: string;
  userId: string;
  ticketId: string;
  status: string;
  version: number;
  expiresAt: number;
}

export interface Fault {
  kind: string;
  /** A process, or a link such as `service-1:database`. */
  target: string;
  startedAt: number;
  endedAt: number;
}

/** A service process that ended although nobody had ended it, or did not end well when asked to. */
export interface Exit {
  service: string;
  at: number;
  how: string;
}

/** A run of `orders release`. */
export interface OperatorCommand {
  /** Unique in the round; the reason that the command is given. */
  name: string;
  /** One of both lists is empty. */
  orderIds: string[];
  ticketIds: string[];
  /** Whether it takes the tickets from sale. */
  withdraws: boolean;
  startedAt: number;
  endedAt: number;
  /** The exit code, or that the suite has killed it. */
  status: number | 'killed';
  /** The orders that it has printed as released. */
  released: string[];
}

export interface Poison {
  subject: string;
  text: string;
}

export interface SeenMessage {
  subject: string;
  sequence: number;
  /** The server's time in nanoseconds. */
  timestamp: string;
  text: string;
}

export interface StoredOrder {
  id: string;
  userId: string;
  status: string;
  version: number;
  createdAt: number;
  expiresAt: number;
  ticketId: string;
  ticket: { title: string; price: number; version: number };
  holdsTicket: boolean;
  key?: string;
  payments: StoredPayment[];
  history: {
    status: string;
    version: number;
    at: number;
    cause: string;
    paymentId?: string;
    reason?: string;
  }[];
  /** Absent where the release is older than extensions. */
  extensions?: { n: number; at: number; from: number; to: number }[];
  /** The ids of the events that were never sent. */
  outbox: string[];
}

export interface StoredPayment {
  id: string;
  stripeChargeId?: string;
  at: number;
  refund?: string;
  refundDueAt?: number;
  refundCompletedAt?: number;
}

export interface StoredTicket {
  id: string;
  title: string;
  price: number;
  version: number;
  jumps: { after?: number; to: number; at: number }[];
  /** Since when an operator has taken it from sale. */
  withdrawnAt?: number;
  /** What operators have said of its version. */
  resets?: { from: number; to: number; at: number; reason: string }[];
}

/** A ticket of the peers that is locked for an order. */
export interface TicketLock {
  ticketId: string;
  orderId: string;
}

interface DeadLetter {
  subject: string;
  sequence: number;
  timestamp: string;
  reason: string;
}
