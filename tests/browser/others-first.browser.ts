import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { launchChromium } from './chromium.ts';
import { faultsOf } from './page-faults.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, reads, type Shopper, secondsOn, takeProblems } from './shopper.ts';

const cooldownSeconds = 20;
let demo: TestedDemo;
let browser: Browser;

beforeAll(async () => {
  demo = await runDemo({ holdSeconds: 900, cooldownSeconds });
  browser = await launchChromium();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

const ask = ({ page }: Shopper, ticketId: string) => page.request.post('/api/orders', { data: { ticketId } });

/** Places and cancels until that counts: the first time is a slip, and the index may not be built yet. */
async function letGo(shopper: Shopper, ticketId: string): Promise<void> {
  await eventually(
    async () => {
      const placed = await ask(shopper, ticketId);
      if (placed.status() === 409) return ((await placed.json()) as Refused).errors[0].code === 'cooldown';
      const { id } = (await placed.json()) as { id: string };
      await shopper.page.request.delete(`/api/orders/${id}`);
      return false;
    },
    { withinMs: 30_000 },
  );
}

interface Refused {
  errors: [{ code: string }];
}

test('When a buyer wants a ticket that they let go, then the page says when it is for them again, and it is', async () => {
  const { id: ticketId } = demo.nextTicket();
  const [ada, ben] = [
    await enter(browser, demo.storefrontUrl, { buyer: 'Ada' }),
    await enter(browser, demo.storefrontUrl, { buyer: 'Ben' }),
  ];
  await letGo(ada, ticketId);
  await ada.open(`/tickets/${ticketId}`);
  await ada.button('Purchase').click();
  await ada.heading('Others first, for a while').waitFor();
  await reads(ada.page.locator('#explanation'), /it is for others now/);
  expect(await secondsOn(ada.page.locator('#wait-time'))).toBeLessThanOrEqual(cooldownSeconds);
  await ada.button('Purchase').waitFor({ state: 'hidden' });
  expect(await ada.link('See the other tickets').isVisible()).toBe(true);
  expect(await faultsOf(ada.page)).toEqual([]);

  await ben.open(`/tickets/${ticketId}`);
  await ben.button('Purchase').waitFor();
  await ada.button('Purchase').click();
  await ada.button('Pay').waitFor();
  expect(ada.page.url()).toContain('/orders/');
});

test('When somebody else signs in on the page of a ticket that is for others first, then they can purchase it', async () => {
  const shopper = await enter(browser, demo.storefrontUrl, { buyer: 'Ada' });
  // So long that it does not end by itself.
  const headers = { 'Retry-After': '900' };
  const errors = [{ message: 'no', code: 'cooldown' }];
  await shopper.page.route('**/api/orders', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 409, headers, json: { errors } })
      : route.fallback(),
  );
  await shopper.open(`/tickets/${demo.nextTicket().id}`);
  await shopper.button('Purchase').click();
  await shopper.heading('Others first, for a while').waitFor();
  await shopper.button('Ben').click();
  await shopper.button('Purchase').waitFor();
});
