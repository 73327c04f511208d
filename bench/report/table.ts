import type { Figure, Ratio, Report } from './figures.ts';
import { type Spread, spreadOf } from './quantiles.ts';

/** The run as a table: a line for each figure and each ratio, medians with their extremes. */
export function table({ figures, ratios, machine, servers }: Report): string {
  const { processor, cores, memoryGb, system, node, loadBefore } = machine;
  return [
    `${servers}`,
    `${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}; load before ${loadBefore.toFixed(1)}`,
    '',
    ...rows(figures.map(figureRow)),
    '',
    'ratios, round by round',
    ...rows(ratios.map(ratioRow)),
  ].join('\n');
}

function figureRow({ what, who, unit, rounds }: Figure): string[] {
  const spread = spreadOf(rounds);
  return [what, who, number(spread.median), unit, range(spread)];
}

function ratioRow({ what, of, to, rounds }: Ratio): string[] {
  const spread = spreadOf(rounds);
  return [what, of, `${number(spread.median)} ×`, to, range(spread)];
}

function range({ min, max }: Spread): string {
  return min === max ? '' : `${number(min)} to ${number(max)}`;
}

/** Three significant digits, since no more are the same in the next run. */
export function number(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** Columns of the same width; the third, a number, is aligned to the right. */
function rows(cells: string[][]): string[] {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells.map((row) => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 2 ? cell.padStart(width) : cell.padEnd(width);
    });
    return `  ${padded.join('  ').trimEnd()}`;
  });
}
