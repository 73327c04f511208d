import type { Figure } from './figures.ts';

/** Where the measurements of the rounds are put down. */
export interface Book {
  add(figure: Omit<Figure, 'rounds'>, value: number): void;
  figures(): Figure[];
}

export function openBook(): Book {
  const figures = new Map<string, Figure>();
  return {
    add(figure, value) {
      const key = JSON.stringify([figure.what, figure.who, figure.unit]);
      const known = figures.get(key) ?? { ...figure, rounds: [] };
      known.rounds.push(value);
      figures.set(key, known);
    },
    figures: () => [...figures.values()],
  };
}
