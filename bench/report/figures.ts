import type { Machine } from './machine.ts';

/** A figure, measured once per round. */
export interface Figure {
  /** The case, such as `place, 32 in flight`. */
  what: string;
  /** Who was measured: `candidate`, `baseline`, a limit, or a size. */
  who: string;
  unit: string;
  rounds: number[];
}

/** How many times as much: `of` divided by `to`, round by round. */
export interface Ratio {
  what: string;
  of: string;
  to: string;
  rounds: number[];
}

/** Everything that a run has measured. */
export interface Report {
  at: string;
  command: string;
  servers: string;
  machine: Machine;
  figures: Figure[];
  ratios: Ratio[];
}

/** The figures and ratios of one measurement. */
export type Measured = Pick<Report, 'figures' | 'ratios'>;

type Column = Pick<Figure, 'what' | 'who' | 'unit'>;

/** `of` divided by `to`, round by round, since what slows the machine for a while slows both. @throws when one is missing */
export function ratio(figures: readonly Figure[], of: Column, to: Column): Ratio {
  const [above, below] = [find(figures, of), find(figures, to)];
  return {
    what: `${of.what}, ${of.unit}`,
    of: of.who,
    to: to.what === of.what ? to.who : `${to.who}, ${to.what}`,
    rounds: above.rounds.map((value, round) => value / (below.rounds[round] ?? Number.NaN)),
  };
}

function find(figures: readonly Figure[], { what, who, unit }: Column): Figure {
  const found = figures.find((one) => one.what === what && one.who === who && one.unit === unit);
  if (!found) throw new Error(`not measured: ${what} of ${who}, ${unit}`);
  return found;
}
