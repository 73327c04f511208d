import { readFileSync } from 'node:fs';
import { refundReasons } from '../../src/orders/domain/order.ts';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';

const { api: orderApi } = orderHttp();

/** The pages that quote the examples. */
const pages = ['docs/clients.md', 'docs/peers.md'];

const blocksOf = (page: string) =>
  [...readFileSync(page, 'utf8').matchAll(/^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, kind, file, code]) => ({ kind, file, code: code ?? '' }),
  );

test.each(pages)('When %s quotes an example, then it stands there word for word', (page) => {
  const quotes = blocksOf(page).filter(({ file }) => file !== undefined);
  expect(quotes.length).toBeGreaterThan(4);
  for (const { file, code } of quotes) expect(readFileSync(String(file), 'utf8')).toContain(code);
});

test.each(pages)(
  'When %s has code of TypeScript, then it is a quotation, but for what needs Next.js',
  (page) => {
    const own = blocksOf(page)
      .filter(({ file }) => file === undefined)
      .map(({ kind, code }) => [kind, code.includes('next')]);
    expect(own.every(([kind, ofNext]) => kind !== 'ts' && ofNext)).toBe(true);
  },
);

test('When a page names a code of an error or the reason of a refund, then it is described', () => {
  const described = orderApi.operations.flatMap(({ responses }) =>
    responses.flatMap(({ errors }) => errors?.oneOf.map(({ code }) => code) ?? []),
  );
  const text = pages.map((page) => readFileSync(page, 'utf8')).join('\n');
  const codes = text.match(/(?<=`)(?:ticket|order|too|key|rate|not)_[a-z_]+(?=`)/g) ?? [];
  const reasons = refundReasons as readonly string[];
  expect(codes.length).toBeGreaterThan(4);
  expect(codes.filter((code) => !described.includes(code) && !reasons.includes(code))).toEqual([]);
});
