import type { Browser } from 'playwright-core';
import { buyDuringOutage } from './buy-during-outage.ts';
import { launchChromium } from './chromium.ts';
import { startCuttableProxy } from './cuttable-proxy.ts';
import { runDemo, type TestedDemo } from './run-demo.ts';
import { enter, placeOrder, reads, type Shopper, takeProblems } from './shopper.ts';

let demo: TestedDemo;
let browser: Browser;

beforeAll(async () => {
  demo = await runDemo({ holdSeconds: 900 });
  browser = await launchChromium();
}, 120_000);

afterEach(() => expect(takeProblems()).toEqual([]));

/** Chooses a ticket in the inside view. Its row: the title, the tickets service's version, the copy's, and how it is. */
async function choose(onlooker: Shopper, title: string) {
  await onlooker.open('/inside');
  await onlooker.page.getByLabel('Ticket', { exact: true }).selectOption(title);
  const cell = (column: number) =>
    onlooker.page.getByRole('row', { name: title }).getByRole('cell').nth(column);
  const versions = async (theirs: RegExp, copy: RegExp, state: RegExp) => {
    await reads(cell(0), theirs);
    await reads(cell(1), copy);
    await reads(cell(2), state);
  };
  await versions(/^v0$/, /^v0$/, /^the same$/);
  return versions;
}

const log = ({ page }: Shopper) => page.locator('#log li');

test('When updates are published out of order, then the copy waits for the missing one and takes both', async () => {
  const { title } = demo.nextTicket();
  const onlooker = await enter(browser, demo.storefrontUrl);
  const versions = await choose(onlooker, title);
  await onlooker.button('Out of order').click();
  await versions(/^v2$/, /^v0$/, /^waits for v1, keeps v2$/);
  await versions(/^v2$/, /^v2$/, /^the same$/);
  const arrived = await log(onlooker).filter({ hasText: title }).locator('.version').allTextContents();
  expect(arrived).toEqual(['v1', 'v2', 'v0']);
});

test('When an update is published twice, then the copy takes it once', async () => {
  const { title } = demo.nextTicket();
  const onlooker = await enter(browser, demo.storefrontUrl);
  const versions = await choose(onlooker, title);
  await onlooker.button('Twice').click();
  await log(onlooker).filter({ hasText: title }).filter({ hasText: 'v1' }).nth(1).waitFor();
  await versions(/^v1$/, /^v1$/, /^the same$/);
});

test('When half a message is published, then it becomes a dead letter and holds up nothing', async () => {
  const { title } = demo.nextTicket();
  const onlooker = await enter(browser, demo.storefrontUrl);
  const versions = await choose(onlooker, title);
  await onlooker.button('Malformed').click();
  await reads(onlooker.page.locator('#dead-letters'), /^1$/);
  await log(onlooker).filter({ hasText: 'malformed' }).waitFor();
  await onlooker.button('Publish an update').click();
  await versions(/^v1$/, /^v1$/, /^the same$/);
});

test('When the connection is lost, then the page says so, and is right when it is back', async () => {
  const { id } = demo.nextTicket();
  const proxy = await startCuttableProxy(demo.storefrontUrl);
  const [ada, ben] = [
    await enter(browser, demo.storefrontUrl, { buyer: 'Ada' }),
    await enter(browser, proxy.url, { buyer: 'Ben' }),
  ];
  await ben.open(`/tickets/${id}`);
  await ben.button('Purchase').waitFor();
  proxy.cut();
  await reads(ben.page.locator('#connection'), /connection is lost/);
  await placeOrder(ada, id);
  proxy.mend();
  await ben.heading('Somebody else holds this ticket').waitFor();
  await reads(ben.page.locator('#connection'), /^$/);
  // The browser itself reports every attempt.
  expect(takeProblems().filter((problem) => !problem.includes('net::ERR_'))).toEqual([]);
});

test('When the broker is away for ten seconds, then orders are taken, and the news follows when it is back', async () => {
  await buyDuringOutage({ browser, url: demo.storefrontUrl, ticket: demo.nextTicket() });
});
