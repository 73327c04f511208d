import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { atEnd } from '../support/at-end.ts';
import { launchChromium } from './chromium.ts';
import { faultsOf } from './page-faults.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, placeOrder, reads, type Shopper, takeProblems } from './shopper.ts';

const maxBytes = 150_000;
let demo: TestedDemo;
let browser: Browser;
/** The tickets and orders in every state that one can look at at leisure. */
let tickets: { free: string; held: string; sold: string };
let orders: { pending: string; paid: string; cancelled: string };

beforeAll(async () => {
  demo = await runDemo({ holdSeconds: 900 });
  browser = await launchChromium();
  const [sold, held, cancelled, free] = [nextId(), nextId(), nextId(), nextId()];
  const ada = await enter(browser, demo.storefrontUrl, { buyer: 'Ada' });
  tickets = { free: `/tickets/${free}`, held: `/tickets/${held}`, sold: `/tickets/${sold}` };
  orders = {
    pending: await order(ada, held),
    paid: await order(ada, sold),
    cancelled: await order(ada, cancelled),
  };
  await ada.open(orders.paid);
  await ada.button('Pay').click();
  await ada.heading('The ticket is yours').waitFor();
  await ada.open(orders.cancelled);
  await ada.button('Cancel').click();
  await ada.heading('You have let it go').waitFor();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

const nextId = () => demo.nextTicket().id;
const order = async (shopper: Shopper, ticketId: string) => `/orders/${await placeOrder(shopper, ticketId)}`;

/** Opens a page and waits until it shows what it has to show. */
async function look(shopper: Shopper, path: string): Promise<void> {
  await shopper.open(path);
  await shopper.page.locator('.card, #sheet:visible, .row, #none:visible, tbody tr').first().waitFor();
}

test.each([
  ['Ada', () => ['/', '/orders', '/inside', ...Object.values(tickets), ...Object.values(orders)]],
  // Her orders are not for him, but her tickets look otherwise to him.
  ['Ben', () => ['/', '/orders', ...Object.values(tickets)]],
] as const)(
  'When %s looks at the pages, light and dark, wide and narrow, then axe finds nothing and all fits',
  async (buyer, paths) => {
    const shopper = await enter(browser, demo.storefrontUrl, { buyer });
    const faults: string[] = [];
    for (const path of paths()) {
      await look(shopper, path);
      faults.push(...(await faultsOf(shopper.page)).map((fault) => `${path}, ${fault}`));
    }
    expect(faults).toEqual([]);
  },
);

test('When pictures of the shop are taken, then they are small enough to be kept', async () => {
  const folder = process.env['SCREENSHOTS_TO'] || (await temporaryFolder());
  await mkdir(folder, { recursive: true });
  const [ada, ben, onlooker] = [
    await enter(browser, demo.storefrontUrl, { buyer: 'Ada', viewport: { width: 390, height: 700 } }),
    await enter(browser, demo.storefrontUrl, { buyer: 'Ben', viewport: { width: 390, height: 700 } }),
    await enter(browser, demo.storefrontUrl, { buyer: 'Cleo', viewport: { width: 1120, height: 840 } }),
  ];
  await look(ben, tickets.held);
  await ben.heading('Somebody else holds this ticket').waitFor();
  await look(ada, orders.pending);
  await ada.button('Pay').waitFor();
  await look(onlooker, '/inside');
  await onlooker.button('Out of order').click();
  await reads(onlooker.page.locator('tbody'), /waits for v/);

  const pictures = { 'ticket-held': ben, 'order-countdown': ada, inside: onlooker };
  for (const [name, { page }] of Object.entries(pictures)) {
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    const { size } = await stat(path);
    expect(size).toBeGreaterThan(5_000);
    expect(size).toBeLessThan(maxBytes);
  }
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orders-pictures-'));
  atEnd(() => rm(folder, { recursive: true }));
  return folder;
}
