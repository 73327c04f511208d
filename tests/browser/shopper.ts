import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { atEnd } from '../support/at-end.ts';
import { eventually } from '../support/eventually.ts';

/** Somebody with a browser profile of their own. */
export interface Shopper {
  page: Page;
  button(name: string | RegExp): Locator;
  link(name: string | RegExp): Locator;
  heading(name: string | RegExp): Locator;
  /** Opens a page of the storefront and waits until its news come in. */
  open(path: string): Promise<void>;
  /** Presses what may be gone in the next moment, without waiting for it to be visible. */
  race(name: string): Promise<void>;
}

export interface ShopperOptions extends BrowserContextOptions {
  buyer?: 'Ada' | 'Ben' | 'Cleo';
}

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };

const withinMs = 60_000;
const problems: string[] = [];

/** Every error that a page has printed or thrown since the last look. */
export function takeProblems(): string[] {
  return problems.splice(0);
}

/** Opens a profile, and signs in when a buyer is named. */
export async function enter(
  browser: Browser,
  url: string,
  { buyer, ...options }: ShopperOptions = {},
): Promise<Shopper> {
  const context = await browser.newContext({ baseURL: url, viewport: desktop, locale: 'en-GB', ...options });
  atEnd(() => context.close());
  context.setDefaultTimeout(withinMs);
  const page = await context.newPage();
  noteProblems(page);
  const shopper: Shopper = {
    page,
    button: (name) => page.getByRole('button', { name, exact: typeof name === 'string' }),
    link: (name) => page.getByRole('link', { name, exact: typeof name === 'string' }),
    heading: (name) => page.getByRole('heading', { name, exact: typeof name === 'string' }),
    async open(path) {
      await page.goto(path);
      await page.locator('#buyers button').first().waitFor();
    },
    race: (name) => page.getByRole('button', { name, includeHidden: true }).dispatchEvent('click'),
  };
  if (buyer) await context.request.post(`/api/users/signin/${buyer.toLowerCase()}`);
  return shopper;
}

/** Places an order as the shop's pages do, without them. Resolves with its id. */
export async function placeOrder({ page }: Shopper, ticketId: string): Promise<string> {
  const answer = await page.request.post('/api/orders', { data: { ticketId } });
  if (answer.status() !== 201) throw new Error(`no order was placed: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

function noteProblems(page: Page): void {
  page.on('pageerror', (error) => problems.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    const { url } = message.location();
    // The browser itself notes each answer from 400 on; a ticket that is taken, or not for sale, is one that the story calls for.
    if (/status of 40[49]/.test(message.text()) && /\/api\/orders/.test(url)) return;
    problems.push(`${message.type()}: ${message.text()} (${url})`);
  });
}

/** Waits until an element's text matches. */
export async function reads(locator: Locator, expected: RegExp): Promise<void> {
  await eventually(async () => expected.test((await locator.textContent({ timeout: 1_000 })) ?? ''), {
    withinMs,
  });
}

/** A countdown's seconds, from its `m:ss`. */
export async function secondsOn(locator: Locator): Promise<number> {
  const [minutes = Number.NaN, seconds = Number.NaN] = ((await locator.textContent()) ?? '')
    .split(':')
    .map(Number);
  return minutes * 60 + seconds;
}
