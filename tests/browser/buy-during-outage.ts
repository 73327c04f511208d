import type { Browser } from 'playwright-core';
import { enter, reads } from './shopper.ts';

interface Shop {
  browser: Browser;
  url: string;
  /** One that nobody has asked for. */
  ticket: { id: string; title: string };
}

/** Stops the broker as the page offers it, buys the ticket meanwhile, and waits for the news that follow. */
export async function buyDuringOutage({ browser, url, ticket: { id, title } }: Shop): Promise<void> {
  const [ada, ben, onlooker] = [
    await enter(browser, url, { buyer: 'Ada' }),
    await enter(browser, url, { buyer: 'Ben' }),
    await enter(browser, url),
  ];
  for (const buyer of [ada, ben]) {
    await buyer.open(`/tickets/${id}`);
    await buyer.button('Purchase').waitFor();
  }
  await onlooker.open('/inside');
  await onlooker.button(/^Stop the broker/).click();
  await reads(ada.page.locator('#connection'), /broker is away/);

  await ada.button('Purchase').click();
  await ada.heading('This ticket is held for you').waitFor();
  await ben.race('Purchase');
  await ben.heading('Somebody else holds this ticket').waitFor();
  await ada.button('Pay').click();
  await ada.heading('Paying …').waitFor();
  // All of that happened without a broker.
  expect(await ada.page.locator('#connection').textContent()).toContain('broker is away');

  await ada.heading('The ticket is yours').waitFor();
  await ben.heading('This ticket is sold').waitFor();
  await reads(ada.page.locator('#connection'), /^$/);
  const entries = onlooker.page.locator('#log li').filter({ hasText: title });
  for (const subject of ['order:created', 'payment:created', 'order:paid']) {
    await entries.filter({ hasText: subject }).first().waitFor();
  }
}
