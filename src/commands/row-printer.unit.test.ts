import type { Output } from './output.ts';
import { createRowPrinter, type RowForm } from './row-printer.ts';

interface Row {
  id: string;
  price: number;
  title?: string;
}

const rows: Row[] = [
  { id: 'a', price: 20, title: 'Trio, "late"' },
  { id: 'b', price: -1.5, title: '=SUM(A1)' },
  { id: 'c', price: 0 },
];

async function printed(form: RowForm): Promise<string[]> {
  const lines: string[] = [];
  const out: Output = {
    line: async (text) => void lines.push(text),
    json: async (value) => void lines.push(JSON.stringify(value)),
  };
  const printer = createRowPrinter<Row>(out, form, [
    { name: 'id', width: 4, cell: ({ id }) => id },
    { name: 'price', width: 6, cell: ({ price }) => price },
    { name: 'title', width: 0, cell: ({ title }) => title },
  ]);
  await printer.begin();
  for (const row of rows) await printer.row(row);
  return lines;
}

test('When rows are printed for people, then they stand in columns under their names', async () => {
  expect(await printed('table')).toEqual([
    'id    price   title',
    'a     20      Trio, "late"',
    'b     -1.5    =SUM(A1)',
    'c     0',
  ]);
});

test('When rows are printed as JSON, then each is an object, without what it does not have', async () => {
  expect((await printed('json')).map((line) => JSON.parse(line) as unknown)).toEqual(rows);
});

test('When rows are printed as CSV, then a spreadsheet reads what they have, and computes none of it', async () => {
  expect(await printed('csv')).toEqual([
    'id,price,title',
    'a,20,"Trio, ""late"""',
    "b,-1.5,'=SUM(A1)",
    'c,0,',
  ]);
});
