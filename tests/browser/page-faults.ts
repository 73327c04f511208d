import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { desktop, phone } from './shopper.ts';

const waysToLook = [desktop, phone].flatMap((viewport) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ viewport, colorScheme })),
);

/** What is wrong with a page as it is shown now, for whoever looks at it, light and dark, wide and narrow. */
export async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const { viewport, colorScheme } of waysToLook) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found = await faultsNow(page);
    faults.push(...found.map((fault) => `${colorScheme}, ${viewport.width}: ${fault}`));
  }
  return faults;
}

async function faultsNow(page: Page): Promise<string[]> {
  const { scrollWidth, clientWidth } = await page
    .locator('html')
    .evaluate((root) => ({ scrollWidth: root.scrollWidth, clientWidth: root.clientWidth }));
  const tooWide = scrollWidth > clientWidth ? [`${scrollWidth} pixels wide`] : [];
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
  return [...tooWide, ...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))];
}
