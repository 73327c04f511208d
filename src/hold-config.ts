import { z } from 'zod';
import { whole, wholeNumber } from './platform/process/environment.ts';

/** How long orders hold their tickets, in milliseconds. */
export interface HoldConfig {
  orderHoldMs: number;
  /** How long a hold lasts from the moment in which its buyer asks for more time; 0: no hold is extended. */
  orderExtensionMs: number;
  /** The longest hold from the order's `createdAt`, however many times it is extended. */
  orderHoldLimitMs: number;
  /** How long who has let a ticket go, or let it run out, cannot hold it again; 0: no time. */
  orderCooldownMs: number;
}

/** About 68 years: what a date computed from it can still hold. */
export const maxSeconds = 2 ** 31 - 1;

/** How many times longer than a hold the longest one is by default. */
const defaultLimitHolds = 4;

/** One that is not valid is no number. */
function isBelow(limit: unknown, hold: unknown): boolean {
  return typeof limit === 'number' && typeof hold === 'number' && limit < hold;
}

/** Reads the holds of a service. The hold and its limit are checked together. */
export const holdSchema: z.ZodType<{ holds: HoldConfig }> = z
  .object({
    ORDER_HOLD_SECONDS: whole(1, maxSeconds, 900, ' seconds'),
    ORDER_EXTENSION_SECONDS: whole(0, maxSeconds, 0, ' seconds'),
    ORDER_COOLDOWN_SECONDS: whole(0, maxSeconds, 0, ' seconds'),
    ORDER_HOLD_LIMIT_SECONDS: wholeNumber(1, maxSeconds, ' seconds').optional(),
  })
  .refine(({ ORDER_HOLD_SECONDS: hold, ORDER_HOLD_LIMIT_SECONDS: limit }) => !isBelow(limit, hold), {
    path: ['ORDER_HOLD_LIMIT_SECONDS'],
    error: 'must not be less than ORDER_HOLD_SECONDS: it is the longest hold, extensions included',
    // Reported together with all other errors.
    when: () => true,
  })
  .transform((values) => {
    const { ORDER_HOLD_SECONDS: hold } = values;
    return {
      holds: {
        orderHoldMs: hold * 1_000,
        orderExtensionMs: values.ORDER_EXTENSION_SECONDS * 1_000,
        orderHoldLimitMs: (values.ORDER_HOLD_LIMIT_SECONDS ?? hold * defaultLimitHolds) * 1_000,
        orderCooldownMs: values.ORDER_COOLDOWN_SECONDS * 1_000,
      },
    };
  });
