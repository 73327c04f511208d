import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, type Shopper, secondsOn, takeProblems } from './shopper.ts';

/** The shop beside the peers of a classic marketplace, which know neither the end of a hold nor whether a ticket is sold. */

let demo: TestedDemo;
let browser: Browser;

const holdSeconds = 20;
/** Between two events of an order, and from the end of an order until its ticket is free. */
const spacingSeconds = 6;

beforeAll(async () => {
  demo = await runDemo({ holdSeconds, peers: 'classic' });
  browser = await launchChromium();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

/** Two buyers on the page of a ticket, which the first of them then purchases. */
async function purchasing(): Promise<{ ada: Shopper; ben: Shopper; path: string }> {
  const path = `/tickets/${demo.nextTicket().id}`;
  const [ada, ben] = [
    await enter(browser, demo.storefrontUrl, { buyer: 'Ada' }),
    await enter(browser, demo.storefrontUrl, { buyer: 'Ben' }),
  ];
  for (const buyer of [ada, ben]) {
    await buyer.open(path);
    await buyer.button('Purchase').waitFor();
  }
  await ada.button('Purchase').click();
  await ada.heading('This ticket is held for you').waitFor();
  await ben.heading('This ticket is taken').waitFor();
  return { ada, ben, path };
}

/** The ticket is nobody's any more, and not yet for sale; then this buyer gets it. */
async function getAfterTheWait(buyer: Shopper): Promise<void> {
  await buyer.heading('This ticket is free').waitFor();
  await buyer.button('Purchase').click();
  await buyer.heading('This ticket is free again in a moment').waitFor();
  await buyer.page.getByText('Available in about').waitFor();
  expect(await buyer.page.getByText('at the latest').isVisible()).toBe(false);
  expect(await secondsOn(buyer.page.getByRole('timer'))).toBeLessThanOrEqual(2 * spacingSeconds);
  // It comes back by itself.
  await buyer.button('Purchase').click();
  await buyer.heading('This ticket is held for you').waitFor();
}

test('When a ticket is bought and paid, then its buyer sees the countdown and has it, and another one is told who asks', async () => {
  const { ada, ben } = await purchasing();
  const seconds = await secondsOn(ada.page.getByRole('timer'));
  expect(seconds).toBeLessThanOrEqual(holdSeconds);
  expect(seconds).toBeGreaterThan(0);
  await ben.button('Purchase').click();
  await ben.heading('Somebody else holds this ticket').waitFor();
  expect(await secondsOn(ben.page.getByRole('timer'))).toBeLessThanOrEqual(holdSeconds);

  await ada.button('Pay').click();
  await ada.heading('The ticket is yours').waitFor();
  expect(await ada.page.locator('#badge').textContent()).toBe('Paid');
  await ben.heading('This ticket is taken').waitFor();
  await ben.button('Purchase').click();
  await ben.heading('This ticket is sold').waitFor();
  await ada.open('/orders');
  await ada.page.locator('#orders .badge', { hasText: /^Paid$/ }).waitFor();
});

test('When an order is cancelled, then another buyer learns when the ticket is available, and gets it', async () => {
  const { ada, ben } = await purchasing();
  await ada.button('Cancel').click();
  await ada.heading('You have let it go').waitFor();
  expect(await ada.page.locator('#badge').textContent()).toBe('Cancelled');
  await getAfterTheWait(ben);
});

test('When an order runs out of time, then its page says so, and another buyer gets the ticket after a while', async () => {
  const { ada, ben } = await purchasing();
  await ada.heading('Your hold has ended').waitFor();
  expect(await ada.page.locator('#badge').textContent()).toBe('Expired');
  // These peers take no late payment.
  expect(await ada.button('Let a late payment arrive').count()).toBe(0);
  await getAfterTheWait(ben);
});
