import type { Figure } from './figures.ts';

/** Collects the measurements of all rounds. */
export interface Recorder {
  /** Adds the value of one round to a figure. */
  record(figure: Omit<Figure, 'rounds'>, value: number): void;
  figures(): Figure[];
}

export function createRecorder(): Recorder {
  const figures = new Map<string, Figure>();
  return {
    record(figure, value) {
      const key = JSON.stringify([figure.what, figure.who, figure.unit]);
      const known = figures.get(key) ?? { ...figure, rounds: [] };
      known.rounds.push(value);
      figures.set(key, known);
    },
    figures: () => [...figures.values()],
  };
}
