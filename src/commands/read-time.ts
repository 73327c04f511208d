import { z } from 'zod';

/** A day that there is, and a zone; with seconds or without. */
const instant = z.union([
  z.iso.datetime({ offset: true }),
  z.iso.datetime({ offset: true, precision: z.core.TimePrecision.Minute }),
]);

/**
 * The instant that an operator has written; undefined where it is not one alone. `Date` would read a time without a zone
 * in the zone of this machine, and February 30 as March 2.
 */
export function readTime(text: string): Date | undefined {
  if (!instant.safeParse(text).success) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
