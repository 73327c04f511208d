import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { launchChromium } from './chromium.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, placeOrder, type Shopper, takeProblems } from './shopper.ts';

let demo: TestedDemo;
let browser: Browser;

beforeAll(async () => {
  demo = await runDemo({ holdSeconds: 3 });
  browser = await launchChromium();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

/** Two buyers, and the order of the first of them, whose time is over while both look on. */
async function lettingAnOrderExpire(): Promise<{ ada: Shopper; ben: Shopper; ticketId: string }> {
  const { id: ticketId } = demo.nextTicket();
  const [ada, ben] = [
    await enter(browser, demo.storefrontUrl, { buyer: 'Ada' }),
    await enter(browser, demo.storefrontUrl, { buyer: 'Ben' }),
  ];
  for (const buyer of [ada, ben]) {
    await buyer.open(`/tickets/${ticketId}`);
    await buyer.button('Purchase').waitFor();
  }
  await ada.button('Purchase').click();
  await ben.heading('Somebody else holds this ticket').waitFor();
  await ada.heading('Your hold has ended').waitFor();
  await ben.heading('This ticket is free').waitFor();
  return { ada, ben, ticketId };
}

test('When a hold ends, then its page says so, and the button comes back for the other by itself', async () => {
  const { ada, ben } = await lettingAnOrderExpire();
  expect(await ada.button('Pay').count()).toBe(0);
  expect(await ada.page.locator('#explanation').textContent()).toContain('You can try to get it again');
  await ada.link('Back to the ticket').click();
  await ada.heading('This ticket is free').waitFor();
  await ben.button('Purchase').click();
  await ben.page.waitForURL(/\/orders\//);
});

test('When the payment comes late and nobody has taken the ticket, then it is theirs all the same', async () => {
  const { ada, ben } = await lettingAnOrderExpire();
  await ada.button('Let a late payment arrive').click();
  await ada.heading('The ticket is yours').waitFor();
  expect(await ada.page.locator('#explanation').textContent()).toContain('came after your time was over');
  await ben.heading('This ticket is sold').waitFor();
});

test('When the payment comes late and another buyer has the ticket, then the money goes back', async () => {
  const { ada, ben, ticketId } = await lettingAnOrderExpire();
  const orderId = await placeOrder(ben, ticketId);
  // Three seconds are too short for a slow machine's clicks; a payment that is late itself gets the free ticket.
  await ben.page.request.post('/api/payments', { data: { orderId } });
  await eventually(async () => {
    const order = (await (await ben.page.request.get(`/api/orders/${orderId}`)).json()) as { status: string };
    return order.status === 'paid';
  });

  await ada.button('Let a late payment arrive').click();
  await ada.heading('Paid too late: refunded').waitFor();
  await ada.page.getByText('You have all of your money back.').waitFor();
  expect(await ada.page.locator('#badge').textContent()).toBe('Expired');
  await ada.link('See the other tickets').click();
  await ada.page.locator('.card[data-state=sold]').first().waitFor();
});

test('When the payment comes after the order was cancelled, then the money goes back', async () => {
  const ada = await enter(browser, demo.storefrontUrl, { buyer: 'Ada' });
  const id = await placeOrder(ada, demo.nextTicket().id);
  await ada.page.request.delete(`/api/orders/${id}`);
  await ada.open(`/orders/${id}`);
  await ada.heading('You have let it go').waitFor();
  await ada.button('Let a late payment arrive').click();
  await ada.heading('Paid too late: refunded').waitFor();
  expect(await ada.page.locator('#badge').textContent()).toBe('Cancelled');
});
