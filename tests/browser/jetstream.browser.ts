import type { Browser } from 'playwright-core';
import { buyDuringOutage } from './buy-during-outage.ts';
import { launchChromium } from './chromium.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, reads, takeProblems } from './shopper.ts';

/** The shop's story on JetStream. That its pages are right in all cases is tested on NATS Streaming. */

let demo: TestedDemo;
let browser: Browser;

beforeAll(async () => {
  demo = await runDemo({ holdSeconds: 900, broker: 'jetstream' });
  browser = await launchChromium();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

test('When a ticket is let go and then bought by another, then both see it, and the events went over JetStream', async () => {
  const { id, title } = demo.nextTicket();
  const [ada, ben, onlooker] = [
    await enter(browser, demo.storefrontUrl, { buyer: 'Ada' }),
    await enter(browser, demo.storefrontUrl, { buyer: 'Ben' }),
    await enter(browser, demo.storefrontUrl),
  ];
  for (const buyer of [ada, ben]) {
    await buyer.open(`/tickets/${id}`);
    await buyer.button('Purchase').waitFor();
  }
  await ada.button('Purchase').click();
  await ada.heading('This ticket is held for you').waitFor();
  await ben.heading('Somebody else holds this ticket').waitFor();
  await ada.button('Cancel').click();
  await ada.heading('You have let it go').waitFor();
  await ben.button('Purchase').click();
  await ben.button('Pay').click();
  await ben.heading('The ticket is yours').waitFor();
  await ada.open(`/tickets/${id}`);
  await ada.heading('This ticket is sold').waitFor();

  await onlooker.open('/inside');
  await reads(onlooker.page.locator('#broker'), /^NATS JetStream/);
  const entries = onlooker.page.locator('#log li').filter({ hasText: title });
  for (const subject of ['order:cancelled', 'payment:created', 'order:paid', 'ticket:updated'])
    await entries.filter({ hasText: subject }).first().waitFor();
});

test('When the broker is away for ten seconds, then orders are taken, and the news follows when it is back', async () => {
  await buyDuringOutage({ browser, url: demo.storefrontUrl, ticket: demo.nextTicket() });
});
