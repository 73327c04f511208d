import { randomUUID } from 'node:crypto';
import { brokerStreams } from '../../src/broker-streams.ts';
import {
  type BrokerUnderTest,
  type Client,
  connectClient,
  patient,
} from '../conformance/broker-under-test.ts';
import { newId } from './buyer.ts';
import { eventually } from './eventually.ts';

interface OrderEvent {
  id: string;
  eventId: string;
  ticket: { id: string };
}

/** What a peer has done because of an event: once for each event, however often it comes. */
interface Effect {
  peer: string;
  eventId: string;
}

/**
 * A tickets and a payments service that keep what they know while they go from one broker to another: they remember the
 * events that they have handled, and what they publish waits until they have a broker.
 */
export function createMovingPeers() {
  const deliveries: Effect[] = [];
  const effects: Effect[] = [];
  const tickets = new Map<string, { version: number; orderId: string | null }>();
  const released = new Set<string>();
  const toPay = new Set<string>();
  const waiting: { subject: string; data: object }[] = [];
  let clients: Client[] = [];
  let sending = Promise.resolve();

  async function sendWaiting(): Promise<void> {
    for (let next = waiting[0]; next; next = waiting[0]) {
      const [client] = clients;
      if (!client?.broker.isConnected()) return;
      await client.broker.publish(next.subject, JSON.stringify(next.data));
      waiting.shift();
    }
  }

  function send(subject: string, data: object): void {
    waiting.push({ subject, data });
    sending = sending.then(sendWaiting);
  }

  function update(ticketId: string, orderId: string | null): void {
    const ticket = tickets.get(ticketId);
    if (!ticket) throw new Error(`there is no ticket ${ticketId}`);
    ticket.version++;
    ticket.orderId = orderId;
    send('ticket:updated', { ...ticketData(ticketId, ticket.version), orderId });
  }

  const handlers: Record<string, Record<string, (event: OrderEvent) => void>> = {
    'tickets-service': {
      'order:created': ({ id, ticket }) => {
        if (!released.has(id)) update(ticket.id, id);
      },
      'order:cancelled': ({ id, ticket }) => {
        released.add(id);
        if (tickets.get(ticket.id)?.orderId === id) update(ticket.id, null);
      },
    },
    'payments-service': {
      'order:created': ({ id }) => {
        if (toPay.delete(id)) send('payment:created', { id: randomUUID(), orderId: id });
      },
      'order:cancelled': () => undefined,
      'order:paid': () => undefined,
    },
  };

  function take(peer: string, subject: string, bytes: Uint8Array): void {
    const event = JSON.parse(Buffer.from(bytes).toString()) as OrderEvent;
    const effect = { peer, eventId: event.eventId };
    const isKnown = deliveries.some((one) => one.peer === peer && one.eventId === event.eventId);
    deliveries.push(effect);
    if (isKnown) return;
    effects.push(effect);
    handlers[peer]?.[subject]?.(event);
  }

  return {
    deliveries,
    effects,
    /** The ticket's version, and the order that it is locked for. */
    ticket: (id: string) => tickets.get(id),

    /** Has a ticket to sell. Resolves with its id. */
    offer(): string {
      const id = newId();
      tickets.set(id, { version: 0, orderId: null });
      send('ticket:created', ticketData(id, 0));
      return id;
    },

    /** The buyer pays, as soon as the payments service knows the order. */
    pay(orderId: string): void {
      const isKnown = effects.some(
        (one) => one.eventId === `${orderId}:0` && one.peer === 'payments-service',
      );
      if (isKnown) send('payment:created', { id: randomUUID(), orderId });
      else toPay.add(orderId);
    },

    async join(broker: BrokerUnderTest): Promise<void> {
      for (const [peer, subjects] of Object.entries(handlers)) {
        const client = connectClient(broker.environment(), { group: peer, streams: brokerStreams });
        clients.push(client);
        for (const subject of Object.keys(subjects)) {
          client.broker.subscribe(subject, async ({ data }) => {
            take(peer, subject, data);
            return 'acknowledge';
          });
          await eventually(() => client.broker.subscribedSince(subject) !== undefined, patient);
        }
      }
      sending = sending.then(sendWaiting);
      await sending;
    },

    async leave(): Promise<void> {
      await sending;
      for (const { broker } of clients) {
        await broker.stopReceiving();
        await broker.close();
      }
      clients = [];
    },
  };
}

function ticketData(id: string, version: number) {
  return { id, version, title: 'Concert', price: 20, userId: 'seller' };
}
