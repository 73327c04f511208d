import { createRows, type RowFormat } from './rows.ts';

async function printed(format: RowFormat, ...rows: Record<'id' | 'amount', string | number | undefined>[]) {
  const lines: string[] = [];
  const out = {
    line: async (text: string) => void lines.push(text),
    json: async (value: unknown) => void lines.push(JSON.stringify(value)),
  };
  const table = createRows(out, format, { id: 4, amount: 6 });
  await table.head();
  for (const row of rows) await table.row(row);
  return lines;
}

test('When rows are printed as a table, then in columns, and what is too long only moves its own line', async () => {
  expect(await printed('table', { id: 'a', amount: 12.5 }, { id: 'longer', amount: undefined })).toEqual([
    'id    amount',
    'a     12.5',
    'longer  -',
  ]);
});

test('When rows are printed as JSON, then one value a line, without what is undefined', async () => {
  expect(await printed('json', { id: 'a', amount: 1 }, { id: 'b', amount: undefined })).toEqual([
    '{"id":"a","amount":1}',
    '{"id":"b"}',
  ]);
});

test.each([
  ['a', 'a'],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['a\nb', '"a\nb"'],
  ['=1+1', "'=1+1"],
  ['@a,b', '"\'@a,b"'],
  [undefined, ''],
])('When a value is %j, then it is %s in CSV, and no spreadsheet computes it', async (id, text) => {
  expect(await printed('csv', { id, amount: -1 })).toEqual(['id,amount', `${text},-1`]);
});
