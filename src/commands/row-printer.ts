import type { Output } from './output.ts';

/** In which form rows are printed: for people, a JSON object a line, or CSV (RFC 4180) with a head. */
export type RowForm = 'table' | 'json' | 'csv';

type Cell = string | number | undefined;

/** One column: its name, how wide it is in the table, and what it has of a row. */
export interface Column<Row> {
  name: string;
  width: number;
  cell: (row: Row) => Cell;
}

/** Prints rows of the same columns one after the other, as they come. */
export interface RowPrinter<Row> {
  /** @throws OutputClosed */
  begin(): Promise<void>;
  /** @throws OutputClosed */
  row(row: Row): Promise<void>;
}

export function createRowPrinter<Row>(
  out: Output,
  form: RowForm,
  columns: readonly Column<Row>[],
): RowPrinter<Row> {
  const line = (cells: Cell[]) =>
    cells
      .map((cell, index) => String(cell ?? '').padEnd(columns[index]?.width ?? 0))
      .join('  ')
      .trimEnd();
  const names = columns.map(({ name }) => name);
  return {
    async begin() {
      if (form === 'table') await out.line(line(names));
      if (form === 'csv') await out.line(names.join(','));
    },
    async row(row) {
      const cells = columns.map(({ cell }) => cell(row));
      if (form === 'json')
        await out.json(Object.fromEntries(names.map((name, index) => [name, cells[index]])));
      else await out.line(form === 'csv' ? cells.map(csvCell).join(',') : line(cells));
    },
  };
}

/**
 * Text that a spreadsheet would take for a formula gets an apostrophe in front: titles and ids come from others.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
