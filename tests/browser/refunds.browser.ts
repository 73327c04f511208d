import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { runOrders, runRefunds } from '../support/orders-command.ts';
import { launchChromium } from './chromium.ts';
import { faultsOf } from './page-faults.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, placeOrder, reads, type Shopper, takeProblems } from './shopper.ts';

/** Money that comes back, and what an operator takes back, as the buyer sees it. */

const takenBack = 'The seller has taken this ticket back';
const comesBack = /You get all of your money back\. There is nothing to do/;
const isBack = /You have all of your money back\.$/;
let demo: TestedDemo;
let browser: Browser;

beforeAll(async () => {
  // An hour: a refund stays due until somebody gives it back by hand.
  demo = await runDemo({ holdSeconds: 900, refundsTakeMs: 3_600_000 });
  browser = await launchChromium();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

interface Buying {
  ada: Shopper;
  ticketId: string;
  orderId: string;
}

/** Ada on the page of her order, which is pending. */
async function ordering(): Promise<Buying> {
  const { id: ticketId } = demo.nextTicket();
  const ada = await enter(browser, demo.storefrontUrl, { buyer: 'Ada' });
  const orderId = await placeOrder(ada, ticketId);
  await ada.open(`/orders/${orderId}`);
  await ada.button('Pay').waitFor();
  return { ada, ticketId, orderId };
}

async function paying(): Promise<Buying> {
  const buying = await ordering();
  await buying.ada.button('Pay').click();
  await buying.ada.heading('The ticket is yours').waitFor();
  return buying;
}

async function operate(...args: string[]): Promise<void> {
  expect(await runOrders(demo.mongoUri, ...args, '--yes')).toMatchObject({ status: 0 });
}

const release = (...args: string[]) => operate('release', ...args, '--reason', 'the hall is closed');
const withdraw = (ticketId: string) => operate('withdraw', '--ticket', ticketId);

/** Somebody gives the order's payment back by hand. While the event that asks for it waits to be sent, this is refused. */
async function giveBack({ ada, orderId }: Buying): Promise<void> {
  const order = await (await ada.page.request.get(`/api/orders/${orderId}`)).json();
  const [payment] = (order as { payments: { id: string }[] }).payments;
  const done = ['done', orderId, String(payment?.id), '--note', 'by hand', '--yes'];
  await eventually(async () => (await runRefunds(demo.mongoUri, ...done)).status === 0, { withinMs: 30_000 });
}

async function expectPage({ page }: Shopper, { text, history }: { text: RegExp; history: string[] }) {
  await reads(page.locator('#explanation'), text);
  const words = async () =>
    (await page.locator('#history li').allTextContents()).map((line) => line.replace(/ \d.*/, ''));
  await eventually(async () => String(await words()) === String(history), { withinMs: 60_000 });
  expect(await page.locator('.actions > :visible').allTextContents()).toEqual(['See the other tickets']);
  expect(await page.locator('#demo').isVisible()).toBe(false);
  expect(await faultsOf(page)).toEqual([]);
}

test('When a payment came too late, then the page says that the money comes back, and when it is there', async () => {
  const buying = await ordering();
  const { ada } = buying;
  await ada.button('Cancel').click();
  await ada.button('Let a late payment arrive').click();
  await ada.heading('Paid too late: your money comes back').waitFor();
  await expectPage(ada, { text: comesBack, history: ['Placed', 'Cancelled', 'Refund begun'] });
  await giveBack(buying);
  await ada.heading('Paid too late: refunded').waitFor();
  const history = ['Placed', 'Cancelled', 'Refund begun', 'Money given back'];
  await expectPage(ada, { text: isBack, history });
});

test.each([
  ['due', {}, /what was too much comes back to you\. Have a good time!/],
  [
    'there',
    { completedAt: '2030-01-01T00:00:00.000Z' },
    /what was too much was given back\. Have a good time!/,
  ],
])(
  'When a buyer has paid twice, then the ticket is theirs, and the page says that the second payment is %s',
  async (_, completed, text) => {
    const { ada, orderId } = await paying();
    await ada.page.route(`**/api/orders/${orderId}`, async (route) => {
      const response = await route.fetch();
      const order = (await response.json()) as { payments: { at: string }[] };
      const refund = { reason: 'already_paid', dueAt: order.payments[0]?.at, ...completed };
      const payments = [...order.payments, { ...order.payments[0], id: 'another', refund }];
      await route.fulfill({ response, json: { ...order, payments } });
    });
    await ada.open(`/orders/${orderId}`);
    await ada.heading('The ticket is yours').waitFor();
    await reads(ada.page.locator('#explanation'), text);
    expect(await faultsOf(ada.page)).toEqual([]);
  },
);

test('When the seller takes a paid ticket back, then its buyer learns what becomes of the money, and others can buy it', async () => {
  const buying = await paying();
  const { ada, ticketId, orderId } = buying;
  await release(orderId);
  await ada.heading(takenBack).waitFor();
  const history = ['Placed', 'Paid', 'Cancelled', 'Refund begun'];
  await expectPage(ada, { text: comesBack, history });
  await giveBack(buying);
  await expectPage(ada, { text: isBack, history: [...history, 'Money given back'] });

  const ben = await enter(browser, demo.storefrontUrl, { buyer: 'Ben' });
  await ben.open(`/tickets/${ticketId}`);
  await ben.button('Purchase').waitFor();
});

test('When the seller takes a ticket back that was not paid yet, then the page says that nothing is lost', async () => {
  const { ada, ticketId } = await ordering();
  await release('--ticket', ticketId);
  await ada.heading(takenBack).waitFor();
  await expectPage(ada, { text: /You have paid nothing/, history: ['Placed', 'Cancelled'] });
});

test('When a payment is given back that nobody had asked for, then the page says that the ticket went with it', async () => {
  const buying = await paying();
  await giveBack(buying);
  await buying.ada.heading('Your money was given back').waitFor();
  const history = ['Placed', 'Paid', 'Cancelled', 'Money given back'];
  await expectPage(buying.ada, { text: isBack, history });
});

test('When the ticket was taken from sale while its buyer paid, then the page says that the money comes back', async () => {
  const buying = await ordering();
  const { ada, ticketId } = buying;
  await withdraw(ticketId);
  await ada.button('Pay').click();
  await ada.heading(takenBack).waitFor();
  await expectPage(ada, { text: comesBack, history: ['Placed', 'Refund begun'] });
  await giveBack(buying);
  await expectPage(ada, { text: isBack, history: ['Placed', 'Refund begun', 'Money given back'] });
});

test('When a ticket was taken from sale, then whoever asks for it learns that, and is offered others', async () => {
  const { id: ticketId } = demo.nextTicket();
  const ben = await enter(browser, demo.storefrontUrl, { buyer: 'Ben' });
  await ben.open(`/tickets/${ticketId}`);
  await ben.button('Purchase').waitFor();
  await withdraw(ticketId);
  await ben.button('Purchase').click();
  await ben.heading('This ticket is not for sale').waitFor();
  await reads(ben.page.locator('#explanation'), /there is nothing to pay/);
  expect(await ben.button('Purchase').isVisible()).toBe(false);
  expect(await ben.link('See the other tickets').isVisible()).toBe(true);
  expect(await faultsOf(ben.page)).toEqual([]);
});
