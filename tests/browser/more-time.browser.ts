import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { launchChromium } from './chromium.ts';
import { faultsOf } from './page-faults.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, placeOrder, reads, type Shopper, secondsOn, takeProblems } from './shopper.ts';

/** Less than the minute within which more time is offered. */
const holdSeconds = 40;
let demo: TestedDemo;
let browser: Browser;

beforeAll(async () => {
  demo = await runDemo({ holdSeconds });
  browser = await launchChromium();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

async function holding(): Promise<{ ada: Shopper; ticketId: string; orderId: string }> {
  const { id: ticketId } = demo.nextTicket();
  const ada = await enter(browser, demo.storefrontUrl, { buyer: 'Ada' });
  const orderId = await placeOrder(ada, ticketId);
  await ada.open(`/orders/${orderId}`);
  await ada.button('More time').waitFor();
  return { ada, ticketId, orderId };
}

test('When a hold is nearly over, then its buyer gets more time, and others see the later end', async () => {
  const { ada, ticketId, orderId } = await holding();
  const clock = ada.page.locator('#remaining-time');
  await reads(ada.page.locator('#explanation'), /ask for more time/);
  expect(await faultsOf(ada.page)).toEqual([]);
  await eventually(async () => (await secondsOn(clock)) <= holdSeconds - 8, { withinMs: 30_000 });
  const before = await secondsOn(clock);
  await ada.button('More time').click();
  await eventually(async () => (await secondsOn(clock)) > before + 2, { withinMs: 30_000 });

  const order = (await (await ada.page.request.get(`/api/orders/${orderId}`)).json()) as Record<
    string,
    string
  >;
  const held = Date.parse(String(order['expiresAt'])) - Date.parse(String(order['createdAt']));
  expect(held).toBeGreaterThan(holdSeconds * 1_000);
  const left = async (path: string) =>
    ((await (await ada.page.request.get(path)).json()) as { holdSecondsLeft: number }).holdSecondsLeft;
  await eventually(async () => {
    const [own, others] = [await left(`/api/orders/${orderId}`), await left(`/api/tickets/${ticketId}`)];
    return Math.abs(own - others) <= 1;
  });
});

test('When no more time can be added, then the page says so and offers it no longer', async () => {
  const { ada } = await holding();
  let refusal = { message: 'Try again', code: 'conflict' };
  await ada.page.route('**/extension', (route) =>
    route.fulfill({ status: 409, json: { errors: [refusal] } }),
  );
  await ada.button('More time').click();
  await reads(ada.page.locator('#notice'), /^Try again$/);
  refusal = { message: 'no', code: 'extension_limit' };
  await ada.button('More time').click();
  await reads(ada.page.locator('#explanation'), /No more time can be added/);
  await ada.button('More time').waitFor({ state: 'hidden' });
  // What was said of the press before is over.
  expect(await ada.page.locator('#notice').textContent()).toBe('');
  expect(await ada.button('Pay').isVisible()).toBe(true);
  expect(await faultsOf(ada.page)).toEqual([]);
});
