import type { Random } from '../random.ts';

/**
 * Decides on the ids of a payment, and returns what writes it as a message: each time perhaps in another form, but with
 * the same ids. `name` is unique in the round.
 */
export type MakePayment = (random: Random, payment: { name: string; orderId: string }) => () => string;

/** As release 0.1 understands payments, too. */
export const paymentsOfRelease01: MakePayment =
  (_, { name, orderId }) =>
  () =>
    JSON.stringify({ id: `pay-${name}`, orderId, stripeChargeId: `ch_${name}` });

/** In all the forms that peers have: text, whole numbers and extended JSON, and a charge under each of its names, or none. */
export const allPayments: MakePayment = (random, { name, orderId }) => {
  const id = random.pick([`pay-${name}`, random.objectId(), safeInteger(random)]);
  const charge = random.chance(0.3) ? undefined : random.pick([`ch_${name}`, random.objectId()]);
  return () =>
    JSON.stringify({
      id: formOf(random, id),
      orderId: formOf(random, orderId),
      ...(charge !== undefined && chargeFields(random, charge)),
    });
};

/** One of so many that no two payments of a round get the same. */
function safeInteger(random: Random): number {
  return random.whole(0, 2 ** 21 - 1) * 2 ** 32 + random.whole(0, 2 ** 32 - 1);
}

function formOf(random: Random, id: string | number): unknown {
  if (typeof id === 'number') return random.chance(0.5) ? id : String(id);
  const isObjectId = /^[0-9a-f]{24}$/.test(id);
  return isObjectId && random.chance(0.5) ? { $oid: id } : id;
}

function chargeFields(random: Random, charge: string): Record<string, unknown> {
  const name = random.pick(['stripeChargeId', 'stripeId', 'chargeId']);
  // A peer whose message has the field of another one, too, without a value.
  const empty = random.chance(0.2) ? { stripeChargeId: null } : {};
  return { ...empty, [name]: formOf(random, charge) };
}
