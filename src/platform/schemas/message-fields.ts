import { z } from 'zod';
import { hasControls } from '../logging/escape-controls.ts';

/** Kinds of fields that messages of several parts have. */

export const objectId = z
  .string()
  .regex(/^[0-9a-fA-F]{24}$/, 'must be 24 hexadecimal digits')
  .toLowerCase();

/** An id that a peer has chosen, compared as it is stored: the database cannot store half a character. Stripe's have 255 at most. */
export const foreignId = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !/\p{Surrogate}/u.test(text), 'must be well-formed Unicode');

/** Such an id as a peer sends it today. What is stored already goes out as it is. */
export const newForeignId = foreignId.refine((text) => !hasControls(text), 'must have no control characters');

export const price = z
  .number()
  .nonnegative()
  .describe("In the major unit of the marketplace's one currency: 12.5 is 12 dollars and 50 cents.");

export const version = z.int().nonnegative().describe('Grows by exactly 1 with every change.');
