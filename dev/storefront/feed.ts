import { randomUUID } from 'node:crypto';
import type { Broker, Delivery } from '../../src/messaging/broker.ts';
import type { BrokerAddress } from '../embedded/embedded-server.ts';
import { parseJson } from '../stand-ins/parse-json.ts';
import { connectPeer } from '../stand-ins/peer.ts';

const subjects = [
  'ticket:created',
  'ticket:updated',
  'order:created',
  'order:hold-extended',
  'order:cancelled',
  'order:paid',
  'order:refund-required',
  'payment:created',
  'payment:refunded',
  'expiration:complete',
];

/** A message on the broker, as the page `/inside` shows it. */
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

/** What the pages receive as it happens. */
export type FeedEvent =
  | { kind: 'start'; run: string }
  | SeenMessage
  /** The data of a stand-in have changed: read them again. */
  | { kind: 'changed' }
  | { kind: 'broker'; connected: boolean };

export interface Feed {
  /** An id that is new with each start of the demo. */
  run: string;
  broker: Broker;
  /** The latest messages, oldest first. */
  recent(): readonly SeenMessage[];
  publish(event: FeedEvent): void;
  /** Calls `listener` with all events from now on; returns a function that ends this. */
  subscribe(listener: (event: FeedEvent) => void): () => void;
  stop(): Promise<void>;
}

const maxRecent = 60;
const pollMs = 250;

/** Follows the broker: every message on it, from the first one on, and whether it is connected. */
export function startFeed(address: BrokerAddress): Feed {
  const peer = connectPeer(address, 'storefront');
  const listeners = new Set<(event: FeedEvent) => void>();
  const recent: SeenMessage[] = [];
  const publish = (event: FeedEvent) => {
    for (const listener of listeners) listener(event);
  };

  for (const subject of subjects) {
    peer.broker.subscribe(subject, async (delivery) => {
      const seen = { kind: 'message', ...describe(delivery) } as const;
      recent.push(seen);
      if (recent.length > maxRecent) recent.shift();
      publish(seen);
      return 'acknowledge';
    });
  }

  let connected = false;
  const polling = setInterval(() => {
    if (connected === peer.broker.isConnected()) return;
    connected = !connected;
    publish({ kind: 'broker', connected });
  }, pollMs);

  return {
    run: randomUUID(),
    broker: peer.broker,
    recent: () => recent,
    publish,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      clearInterval(polling);
      await peer.stop();
    },
  };
}

function describe({ subject, timestamp, data }: Delivery): Omit<SeenMessage, 'kind'> {
  const at = new Date(Number(BigInt(timestamp) / 1_000_000n)).toISOString();
  const content = parseJson(data);
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
