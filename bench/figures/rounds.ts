import type { Options } from '../options.ts';
import { type Book, openBook } from './book.ts';

export interface Round {
  number: number;
  /** Where this round's figures go. */
  book: Book;
}

/** The rounds of a part. Their figures go into `kept`, except those of round 0, which warms up and is forgotten. */
export function roundsOf(
  { firstRound, rounds }: Pick<Options, 'firstRound' | 'rounds'>,
  kept: Book,
): Round[] {
  return Array.from({ length: rounds - firstRound + 1 }, (_, place) => {
    const number = firstRound + place;
    return { number, book: number === 0 ? openBook() : kept };
  });
}

/** All that are compared, each round beginning with another, so that none has the advantage of its place. */
export function turnsOf<Item>(items: readonly Item[], { number }: Pick<Round, 'number'>): Item[] {
  // The first round that counts begins with the first, and so does its table.
  const first = (number + items.length - 1) % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
