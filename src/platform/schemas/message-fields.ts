import { z } from 'zod';
import { hasControls } from '../logging/escape-controls.ts';

/** Kinds of fields that several messages have. */

export const objectId = z
  .string()
  .regex(/^[0-9a-fA-F]{24}$/, 'must be 24 hexadecimal digits')
  .toLowerCase();

/** An id of another service. The database cannot store lone surrogates. Ids of Stripe have 255 characters at most. */
export const foreignId = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !/\p{Surrogate}/u.test(text), 'must be well-formed Unicode');

/** Such an id in new messages. Stored ids are sent unchanged. */
export const newForeignId = foreignId.refine((text) => !hasControls(text), 'must have no control characters');

export const price = z
  .number()
  .nonnegative()
  .describe("In the major unit of the marketplace's one currency: 12.5 is 12 dollars and 50 cents.");

export const version = z.int().nonnegative().describe('Grows by exactly 1 with every change.');
