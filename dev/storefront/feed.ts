import { randomUUID } from 'node:crypto';
import type { Broker, Delivery } from '../../src/messaging/broker.ts';
import { type BrokerAddress, joinBroker } from '../stand-ins/peer.ts';
import { readJson } from '../stand-ins/read-json.ts';

const subjects = [
  'ticket:created',
  'ticket:updated',
  'order:created',
  'order:cancelled',
  'order:paid',
  'order:refund-required',
  'payment:created',
  'expiration:complete',
];

/** A message on the broker, as the inside view shows it. */
interface SeenMessage {
  kind: 'message';
  subject: string;
  /** ISO 8601, the broker's time. */
  at: string;
  version?: number;
  status?: string;
  ticketId?: string;
  orderId?: string;
  malformed?: true;
}

/** What the pages are told as it happens. */
export type News =
  | { kind: 'start'; run: string }
  | SeenMessage
  /** Something that a stand-in answers for has changed: ask it again. */
  | { kind: 'changed' }
  | { kind: 'broker'; connected: boolean };

export interface Feed {
  /** Another one each time that the demo is started. */
  run: string;
  broker: Broker;
  /** The latest messages, oldest first. */
  recent(): readonly SeenMessage[];
  tell(news: News): void;
  /** Calls `listener` with all news from now on; returns how to end that. */
  listen(listener: (news: News) => void): () => void;
  stop(): Promise<void>;
}

const kept = 60;
const lookEveryMs = 250;

/** Watches the broker: every message on it, from the first one on, and whether it is there at all. */
export function startFeed(address: BrokerAddress): Feed {
  const peer = joinBroker(address, 'storefront');
  const listeners = new Set<(news: News) => void>();
  const recent: SeenMessage[] = [];
  const tell = (news: News) => {
    for (const listener of listeners) listener(news);
  };

  for (const subject of subjects) {
    peer.broker.subscribe(subject, async (delivery) => {
      const seen = { kind: 'message', ...describe(delivery) } as const;
      recent.push(seen);
      if (recent.length > kept) recent.shift();
      tell(seen);
      return 'acknowledge';
    });
  }

  let connected = false;
  const look = setInterval(() => {
    if (connected === peer.broker.isConnected()) return;
    connected = !connected;
    tell({ kind: 'broker', connected });
  }, lookEveryMs);

  return {
    run: randomUUID(),
    broker: peer.broker,
    recent: () => recent,
    tell,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      clearInterval(look);
      await peer.stop();
    },
  };
}

function describe({ subject, timestamp, data }: Delivery): Omit<SeenMessage, 'kind'> {
  const at = new Date(Number(BigInt(timestamp) / 1_000_000n)).toISOString();
  const content = readJson(data);
  if (typeof content !== 'object' || content === null) return { subject, at, malformed: true };
  const { id, orderId, version, status, ticket } = content as Record<string, unknown>;
  const order = subject === 'order:refund-required' || !subject.startsWith('order:') ? orderId : id;
  const ofTicket = subject.startsWith('ticket:') ? id : (ticket as { id?: unknown } | undefined)?.id;
  return {
    subject,
    at,
    ...(typeof version === 'number' && { version }),
    ...(typeof status === 'string' && { status }),
    ...(typeof order === 'string' && { orderId: order }),
    ...(typeof ofTicket === 'string' && { ticketId: ofTicket }),
  };
}
