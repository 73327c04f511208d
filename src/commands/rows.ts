import { flag } from './arguments.ts';
import { BadUsage } from './exit-codes.ts';
import type { Output } from './output.ts';

/** How a list is printed: for people, one JSON value a line, or comma-separated values with a head. */
export type RowFormat = 'table' | 'json' | 'csv';

/** The options that choose a format; without one it is a table. */
export const formatOptions = { json: flag, csv: flag };

/** @throws BadUsage */
export function readFormat({ json, csv }: { json: boolean; csv: boolean }): RowFormat {
  if (json && csv) throw new BadUsage('--json and --csv are two forms: give one of them');
  if (json) return 'json';
  return csv ? 'csv' : 'table';
}

type Cell = string | number | undefined;

/**
 * Prints the rows of a list as they come, so none has to be kept. `columns` are the names of the fields, each with its width in
 * a table; what is longer moves the rest of its line. A row has no field for what is undefined.
 */
export function createRows<Name extends string>(
  out: Output,
  format: RowFormat,
  columns: Record<Name, number>,
) {
  const names = Object.keys(columns) as Name[];
  const inTable = (cellOf: (name: Name) => Cell) =>
    names
      .map((name) => String(cellOf(name) ?? '-').padEnd(columns[name]))
      .join('  ')
      .trimEnd();
  return {
    async head(): Promise<void> {
      if (format === 'csv') await out.line(names.join(','));
      if (format === 'table') await out.line(inTable((name) => name));
    },
    async row(cells: Record<Name, Cell>): Promise<void> {
      if (format === 'json') await out.json(cells);
      else if (format === 'csv') await out.line(names.map((name) => toCsv(cells[name])).join(','));
      else await out.line(inTable((name) => cells[name]));
    },
  };
}

/**
 * As RFC 4180 has it. A text that a spreadsheet would take for a formula gets an apostrophe before it, since a peer may have
 * chosen it: https://owasp.org/www-community/attacks/CSV_Injection
 */
function toCsv(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '');
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
