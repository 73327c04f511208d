import type { Browser } from 'playwright-core';
import { eventually } from '../support/eventually.ts';
import { launchChromium } from './chromium.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, placeOrder, reads, type Shopper, secondsOn, takeProblems } from './shopper.ts';

let demo: TestedDemo;
let browser: Browser;

beforeAll(async () => {
  demo = await runDemo({ holdSeconds: 900 });
  browser = await launchChromium();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

const nextPage = () => `/tickets/${demo.nextTicket().id}`;

const arrive = (buyer: 'Ada' | 'Ben' | 'Cleo') => enter(browser, demo.storefrontUrl, { buyer });

async function purchase(shopper: Shopper, ticket: string): Promise<void> {
  await shopper.open(ticket);
  await shopper.button('Purchase').click();
  await shopper.button('Pay').waitFor();
}

test('When two buyers race for a ticket, then one sees the countdown, the other the wait, until it is let go', async () => {
  const ticket = nextPage();
  const racers = [await arrive('Ada'), await arrive('Ben')];
  for (const racer of racers) {
    await racer.open(ticket);
    await racer.button('Purchase').waitFor();
  }
  await Promise.all(racers.map((racer) => racer.race('Purchase')));

  const outcome = async ({ page }: Shopper) => {
    await page.locator('#remaining:visible, #wait:visible').waitFor();
    return (await page.locator('#remaining').count()) > 0 ? 'countdown' : 'wait';
  };
  const outcomes = await Promise.all(racers.map(outcome));
  expect(outcomes.toSorted()).toEqual(['countdown', 'wait']);
  const [first, second] = racers;
  if (!first || !second) throw new Error('two have raced');
  const [winner, loser] = outcomes[0] === 'countdown' ? [first, second] : [second, first];

  await loser.heading('Somebody else holds this ticket').waitFor();
  const waiting = await secondsOn(loser.page.getByRole('timer'));
  expect(waiting).toBeGreaterThan(700);
  expect(Math.abs(waiting - (await secondsOn(winner.page.getByRole('timer'))))).toBeLessThanOrEqual(5);
  expect(await loser.button('Purchase').count()).toBe(0);

  await winner.button('Cancel').click();
  await winner.heading('You have let it go').waitFor();
  await loser.button('Purchase').click();
  await loser.heading('This ticket is held for you').waitFor();
});

test('When a buyer pays, then the ticket is theirs, and sold for everybody else', async () => {
  const ticket = nextPage();
  const [ada, ben] = [await arrive('Ada'), await arrive('Ben')];
  await ben.open(ticket);
  await purchase(ada, ticket);
  await ada.button('Pay').click();
  await ada.heading('The ticket is yours').waitFor();
  expect(await ada.page.locator('#badge').textContent()).toBe('Paid');
  await ben.heading('This ticket is sold').waitFor();
  expect(await ben.button('Purchase').count()).toBe(0);
  await ada.open(ticket);
  await ada.heading('This ticket is yours').waitFor();
});

test('When a buyer comes back to a ticket that they hold, then its page leads to the order', async () => {
  const ticket = nextPage();
  const ada = await arrive('Ada');
  await purchase(ada, ticket);
  const order = ada.page.url();
  await ada.open(ticket);
  await ada.link('Go to your order').click();
  await ada.button('Pay').waitFor();
  expect(ada.page.url()).toBe(order);
});

test('When somebody is not signed in, then the button waits for one click on a name', async () => {
  const visitor = await enter(browser, demo.storefrontUrl);
  await visitor.open(nextPage());
  await visitor.page.getByText('Choose who you are').waitFor();
  expect(await visitor.button('Purchase').count()).toBe(0);
  await visitor.button('Cleo').click();
  await visitor.button('Purchase').waitFor();
});

test('When a buyer has many orders, then they come newest first, page by page', async () => {
  const cleo = await arrive('Cleo');
  const { id: ticketId } = demo.nextTicket();
  const placed: string[] = [];
  for (let count = 0; count < 7; count += 1) {
    const id = await placeOrder(cleo, ticketId);
    placed.unshift(`/orders/${id}`);
    await cleo.page.request.delete(`/api/orders/${id}`);
  }
  await cleo.open('/orders');
  await cleo.button('Older orders').waitFor();
  const shown = () =>
    cleo.page.locator('#orders a').evaluateAll((links) => links.map((a) => a.getAttribute('href')));
  expect(await shown()).toEqual(placed.slice(0, 5));
  await cleo.button('Older orders').click();
  await eventually(async () => (await shown()).length === 7, { withinMs: 60_000 });
  expect(await shown()).toEqual(placed);
  await eventually(async () => (await cleo.button('Older orders').count()) === 0);
  expect(await cleo.page.locator(':focus').getAttribute('href')).toBe(placed[5]);
  // News does not take a keyboard's user away from where they are.
  await placeOrder(cleo, ticketId);
  await eventually(async () => (await shown()).length === 8, { withinMs: 60_000 });
  expect(await cleo.page.locator(':focus').getAttribute('href')).toBe(placed[5]);
});

test("When the browser's clock is wrong, and set while the tab sleeps, then the countdown is right", async () => {
  const ada = await arrive('Ada');
  const hour = 3_600_000;
  await ada.page.clock.install({ time: Date.now() + hour });
  await purchase(ada, nextPage());
  const orderId = ada.page.url().split('/').at(-1);
  const answer = await ada.page.request.get(`/api/orders/${orderId}`);
  const { expiresAt } = (await answer.json()) as { expiresAt: string };
  const isRight = async () => {
    const shown = await secondsOn(ada.page.getByRole('timer'));
    return Math.abs(shown - (Date.parse(expiresAt) - Date.now()) / 1_000) <= 2;
  };
  await eventually(isRight, { withinMs: 30_000 });
  await ada.page.clock.fastForward(2 * hour);
  await ada.page
    .locator('html')
    .evaluate((root) => root.ownerDocument.dispatchEvent(new Event('visibilitychange')));
  await eventually(isRight, { withinMs: 30_000 });
});

/** Goes on by the Tab key until the element of this name has the focus, and shows it. */
async function tabTo({ page }: Shopper, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.locator(':focus').evaluate((element) => {
      // A card shows the ring around the whole of it.
      const rings = [undefined, '::after'].map((part) =>
        element.ownerDocument.defaultView.getComputedStyle(element, part),
      );
      return {
        text: element.textContent ?? '',
        isShown: rings.some(({ outlineStyle }) => outlineStyle !== 'none'),
      };
    });
    if (!name.test(focused.text)) continue;
    expect(focused).toMatchObject({ isShown: true });
    return;
  }
  throw new Error(`the Tab key does not reach ${name}`);
}

test('When there is only a keyboard, then a buyer signs in, purchases and pays, and knows where they are', async () => {
  const { title } = demo.nextTicket();
  const shopper = await enter(browser, demo.storefrontUrl);
  await shopper.open('/');
  await shopper.link(title).waitFor();
  await tabTo(shopper, /^Ben$/);
  await shopper.page.keyboard.press('Enter');
  await reads(shopper.page.locator('#buyers-label'), /Signed in as/);
  await tabTo(shopper, new RegExp(`^${title}$`));
  await shopper.page.keyboard.press('Enter');
  await shopper.button('Purchase').waitFor();
  await tabTo(shopper, /^Purchase$/);
  await shopper.page.keyboard.press('Enter');
  await shopper.button('Pay').waitFor();
  await tabTo(shopper, /^Pay$/);
  await shopper.page.keyboard.press('Enter');
  await shopper.heading('The ticket is yours').waitFor();
  // The pressed button is gone; its user is where the news is.
  expect(await shopper.page.locator(':focus').getAttribute('id')).toBe('standing');
  await tabTo(shopper, /^See your orders$/);
});
