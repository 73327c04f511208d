import { z } from 'zod';

/** The schema of a time in an answer. */
export function time(description: string, example: string) {
  return z.iso.datetime().meta({ description: `${description} ISO 8601, UTC.`, examples: [example] });
}
