import { createRecorder, type Recorder } from '../report/recorder.ts';
import type { Options } from './options.ts';

export interface Round {
  number: number;
  /** Takes the figures of this round. */
  recorder: Recorder;
}

/** The rounds of a measurement, as many as options.ts says. `recorder` gets their figures, except those of round 0, which is a warm-up. */
export function roundsOf(
  { firstRound, rounds }: Pick<Options, 'firstRound' | 'rounds'>,
  recorder: Recorder,
): Round[] {
  return Array.from({ length: rounds - firstRound + 1 }, (_, index) => {
    const number = firstRound + index;
    return { number, recorder: number === 0 ? createRecorder() : recorder };
  });
}

/** All that are compared, each round beginning with another, so that none always has the same position. */
export function rotated<Item>(items: readonly Item[], { number }: Pick<Round, 'number'>): Item[] {
  // The first round that counts begins with the first item, and so does its table.
  const first = (number + items.length - 1) % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
