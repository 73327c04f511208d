import { atEnd } from '../../tests/support/at-end.ts';
import { newId } from '../../tests/support/buyer.ts';
import { eventually } from '../../tests/support/eventually.ts';
import { testConfig } from '../../tests/support/running-service.ts';
import { parseJson } from './parse-json.ts';
import { connectPeer } from './peer.ts';
import { startTicketsService, type TicketView } from './tickets-service.ts';

const { nats: broker } = testConfig();
const orders = connectPeer(broker, 'orders-of-test');
const service = startTicketsService({ broker, changePricesEveryMs: 3_600_000, onChange: () => undefined });
const updates: TicketView[] = [];

beforeAll(() => {
  orders.broker.subscribe('ticket:updated', async ({ data }) => {
    const ticket = parseJson(data) as Partial<TicketView> | undefined;
    // Other tests publish on this broker too, and not only what can be read.
    if (ticket?.id && service.find(ticket.id)) updates.push(ticket as TicketView);
    return 'acknowledge';
  });
});

atEnd(() => orders.stop());
atEnd(() => service.stop());

const send = (subject: string, event: object) => orders.send(subject, JSON.stringify(event));

function ticketAt(index: number): TicketView {
  const ticket = service.list()[index];
  if (!ticket) throw new Error(`there is no ticket ${index}`);
  return ticket;
}

function eventsOf(orderId: string, ticketId: string) {
  const common = { id: orderId, userId: 'ada', ticket: { id: ticketId, price: 20 } };
  const eventId = (version: number) => `${orderId}:${version}`;
  return {
    created: {
      ...common,
      eventId: eventId(0),
      version: 0,
      status: 'pending',
      expiresAt: new Date().toISOString(),
    },
    expired: { ...common, eventId: eventId(1), version: 1, status: 'expired' },
    paid: { ...common, eventId: eventId(2), version: 2, status: 'paid', paymentId: 'p' },
  };
}

/** The lock in each update of the ticket, by version. */
async function lockedFor(ticketId: string, count: number): Promise<(string | null)[]> {
  const seen = () =>
    new Map(updates.filter(({ id }) => id === ticketId).map((ticket) => [ticket.version, ticket]));
  await eventually(() => seen().size >= count, { withinMs: 20_000 });
  return [...seen().values()].sort((a, b) => a.version - b.version).map(({ orderId }) => orderId);
}

test('When an order is placed, expires and is paid late, then the ticket is locked, unlocked and locked, version by version', async () => {
  const { id } = ticketAt(0);
  const orderId = newId();
  const { created, expired, paid } = eventsOf(orderId, id);
  send('order:created', created);
  await lockedFor(id, 1);
  send('order:cancelled', expired);
  await lockedFor(id, 2);
  send('order:paid', paid);
  expect(await lockedFor(id, 3)).toEqual([orderId, null, orderId]);
  expect(service.find(id)).toMatchObject({ state: 'sold', version: 3 });
});

test('When an order is known to be over before it is known to be placed, then the ticket is never locked for it', async () => {
  const { id } = ticketAt(1);
  const over = eventsOf(newId(), id);
  const next = eventsOf(newId(), id);
  send('order:cancelled', over.expired);
  send('order:created', over.created);
  send('order:created', next.created);
  expect(await lockedFor(id, 1)).toEqual([next.created.id]);
});
