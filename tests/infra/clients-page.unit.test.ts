import { readFileSync } from 'node:fs';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';

const { api: orderApi } = orderHttp();

const page = readFileSync('docs/clients.md', 'utf8');
const blocks = [...page.matchAll(/^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, kind, file, code]) => ({
  kind,
  file,
  code: code ?? '',
}));

test('When the page quotes an example, then it stands there word for word', () => {
  const quotes = blocks.filter(({ file }) => file !== undefined);
  expect(quotes.length).toBeGreaterThan(4);
  for (const { file, code } of quotes) expect(readFileSync(String(file), 'utf8')).toContain(code);
});

test('When the page has code of TypeScript, then it is a quotation, but for what needs Next.js', () => {
  const own = blocks
    .filter(({ file }) => file === undefined)
    .map(({ kind, code }) => [kind, code.includes('next')]);
  expect(own.every(([kind, ofNext]) => kind !== 'ts' && ofNext)).toBe(true);
});

test('When the page names a code of an error, then it is described', () => {
  const described = orderApi.operations.flatMap(({ responses }) =>
    responses.flatMap(({ errors }) => errors?.oneOf.map(({ code }) => code) ?? []),
  );
  const codes = page.match(/`(?:ticket|order|too|key|rate|not)_[a-z_]+`/g) ?? [];
  expect(codes.length).toBeGreaterThan(2);
  expect(codes.filter((code) => !described.includes(code.slice(1, -1)))).toEqual([]);
});
