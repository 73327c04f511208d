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
const newForeignId = foreignId.refine((text) => !hasControls(text), 'must have no control characters');

const amount = z.number().nonnegative();
const unit = "In the major unit of the marketplace's one currency: 12.5 is 12 dollars and 50 cents.";
export const price = amount.describe(unit);

export const version = z.int().nonnegative().describe('Grows by exactly 1 with every change.');

/*
 * The same as peers write them. Each form that is accepted has one meaning; a message with any other is set aside
 * (docs/decisions/0055-what-peers-may-send.md).
 */

/** An ObjectId in MongoDB's extended JSON: https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/ */
const extendedObjectId = z.strictObject({ $oid: objectId }).transform(({ $oid }) => $oid);

export const receivedObjectId = z.union(
  [objectId, extendedObjectId],
  'must be 24 hexadecimal digits, as a string or as {"$oid": …}',
);

/**
 * An id that a peer has chosen, as a string in any case: one id in two forms is one id. A number that is not safe may be
 * two: JSON.parse has rounded it.
 */
export const receivedForeignId = z.union(
  [newForeignId, extendedObjectId, z.int().nonnegative().transform(String)],
  'must be a string, a whole number or {"$oid": …}',
);

/** So short that it is one number exactly. With three digits after the point it might be thousands. */
const decimal = z.string().regex(/^(0|[1-9]\d{0,11})(\.\d{1,2})?$/, 'must be a decimal number such as 12.50');

export const receivedPrice = z
  .union(
    [
      amount,
      decimal.transform(Number),
      z.strictObject({ $numberDecimal: decimal }).transform(({ $numberDecimal }) => Number($numberDecimal)),
    ],
    'must be a number, as such, as a string or as {"$numberDecimal": …}',
  )
  .describe(unit);

/** A version of at least `first`. As a string it is so short that it is a safe number. */
export function receivedVersion(first: 0 | 1) {
  const digits = z
    .string()
    .regex(first === 0 ? /^(0|[1-9]\d{0,14})$/ : /^[1-9]\d{0,14}$/, 'must be a whole number');
  return z.union(
    [z.int().min(first), digits.transform(Number)],
    'must be a whole number, as such or as a string',
  );
}
