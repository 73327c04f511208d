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
  gapTimeoutMs: number;
  /** When load and faults ended. */
  healedAt: number;
  /** The time after the faults in which 128 requests were in flight throughout. */
  quietWindow: Span;
  /** How many events the rule for the lag has to judge at least. */
  minJudgedEvents: number;
  /** Of the messages with one id within this time the broker stores one. Absent on NATS Streaming, which knows no ids. */
  duplicateWindowMs?: number;
  /** What the service is set to for the sake of its peers. Absent in a round without classic peers. */
  peers?: PeerSettings;
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
  kind: 'place' | 'cancel' | 'show';
  userId: string;
  ticketId?: string;
  orderId?: string;
  key?: string;
  sentAt: number;
  answeredAt: number;
  /** `cut`: no answer came, so the request may have been carried out or not. */
  status: number | 'cut';
  /** The order that the answer shows. */
  shown?: ShownOrder;
}

export interface ShownOrder {
  id: string;
  userId: string;
  ticketId: string;
  status: string;
  version: number;
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
  payments: { id: string; stripeChargeId?: string; at: number; refund?: string }[];
  history: { status: string; version: number; at: number; cause: string }[];
  /** The ids of the events that were never sent. */
  outbox: string[];
}

export interface StoredTicket {
  id: string;
  title: string;
  price: number;
  version: number;
  jumps: { after?: number; to: number; at: number }[];
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
