import type { Poison } from '../history/history.ts';
import type { Random } from '../random.ts';

const subjects = ['ticket:created', 'ticket:updated', 'payment:created', 'expiration:complete'] as const;

type MakePoison = (mark: string, random: Random) => Poison;

/** Messages that release 0.1 rejects, too. */
export const poisonOfRelease01 = {
  notJson: (mark, random) => ({ subject: random.pick(subjects), text: `no JSON ${mark}` }),
  wrongFields: (mark, random) => ({
    subject: random.pick(subjects),
    text: JSON.stringify({ id: 'not an id', orderId: 7, mark }),
  }),
  notAnObject: (mark, random) => ({ subject: random.pick(subjects), text: JSON.stringify([mark]) }),
  tooLarge: (mark, random) => ({
    subject: random.pick(subjects),
    text: JSON.stringify({ mark, padding: 'x'.repeat(70_000) }),
  }),
  unknownOrder: (mark, random) => ({
    subject: 'payment:created',
    text: JSON.stringify({ id: mark, orderId: random.objectId(), stripeChargeId: mark }),
  }),
} satisfies Record<string, MakePoison>;

export const allPoison = {
  ...poisonOfRelease01,
  /** 0.1 parks it (decision 38). */
  versionOutOfReach: (mark, random) => {
    const ticket = { id: mark, version: Number.MAX_SAFE_INTEGER, title: mark, price: 1, userId: mark };
    return { subject: random.pick(['ticket:created', 'ticket:updated']), text: JSON.stringify(ticket) };
  },
  /** 0.1 does not listen to this subject. */
  refundOfUnknownOrder: (mark, random) => ({
    subject: 'payment:refunded',
    text: JSON.stringify({ id: mark, orderId: random.objectId(), paymentId: mark }),
  }),
} satisfies Record<string, MakePoison>;

/** A message that cannot be handled, of one of the kinds; each is unlike every other. */
export function makePoison(kinds: Readonly<Record<string, MakePoison>>, random: Random): Poison {
  return random.pick(Object.values(kinds))(random.objectId(), random);
}
