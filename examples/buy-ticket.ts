import { countdown, ordersClient } from './orders-client.ts';

/**
 * Buys a ticket in the demo (`npm run dev`), as a page would: `npx tsx examples/buy-ticket.ts http://localhost:8080`.
 * Only `/api/orders` is the orders service. Sign-in, tickets and payments belong to other services of the marketplace, for
 * which the demo has stand-ins: the requests of the real ones differ.
 */
const shop = process.argv[2] ?? 'http://localhost:8080';

const signedIn = await fetch(`${shop}/api/users/signin/ada`, { method: 'POST' });
const [session = ''] = signedIn.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '');
const tickets = (await (await fetch(`${shop}/api/tickets`)).json()) as { id: string; title: string }[];
const orders = ordersClient({ baseUrl: shop, headers: { Cookie: session } });

async function pay(orderId: string): Promise<void> {
  const headers = { Cookie: session, 'Content-Type': 'application/json' };
  await fetch(`${shop}/api/payments`, { method: 'POST', headers, body: JSON.stringify({ orderId }) });
}

async function buy({ id, title }: { id: string; title: string }): Promise<'bought' | 'not bought'> {
  const purchase = await orders.place(id, crypto.randomUUID());
  if (purchase.kind !== 'held') {
    console.log(`${title}: ${purchase.kind}`);
    return 'not bought';
  }
  const { order } = purchase;
  const secondsLeft = countdown(order);
  console.log(`${title}: held for ${secondsLeft()} s, ${order.ticket.price} to pay`);
  // Also when the countdown is at 0: a late payment buys the ticket while nobody else holds it.
  await pay(order.id);
  const { status } = await orders.watch(order.id, (order) => order.status === 'paid');
  console.log(`${title}: ${status}`);
  return status === 'paid' ? 'bought' : 'not bought';
}

for (const ticket of tickets) if ((await buy(ticket)) === 'bought') break;

for await (const page of orders.list({ status: 'paid' })) {
  for (const { ticket } of page) console.log(`yours: ${ticket.title}`);
}
