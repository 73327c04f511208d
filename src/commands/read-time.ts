import { z } from 'zod';
import { BadUsage } from './exit-codes.ts';

/** An existing day, a time with or without seconds, and a zone. */
const instant = z.union([
  z.iso.datetime({ offset: true }),
  z.iso.datetime({ offset: true, precision: z.core.TimePrecision.Minute }),
]);

/**
 * The instant that an operator has written; undefined when it is not exactly one. `Date` would read a time without a zone
 * in the zone of this machine, and February 30 as March 2.
 */
export function readTime(text: string): Date | undefined {
  if (!instant.safeParse(text).success) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** The time that an option says. @throws BadUsage where it is not a time */
export function requireTime(option: '--since' | '--until', text: string): Date {
  const time = readTime(text);
  if (time) return time;
  const good = 'such as 2030-01-31T12:00:00Z or 2030-01-31T13:00:00+01:00';
  throw new BadUsage(`${option} ${text} is not a time with a zone, ${good}`);
}
