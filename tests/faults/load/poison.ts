import type { Poison } from '../history/history.ts';
import type { Random } from '../random.ts';

const subjects = ['ticket:created', 'ticket:updated', 'payment:created', 'expiration:complete'] as const;

/** A message that cannot be handled; each is unlike every other. */
export function makePoison(random: Random): Poison {
  const subject = random.pick(subjects);
  const mark = random.objectId();
  const kinds: (() => Poison)[] = [
    () => ({ subject, text: `no JSON ${mark}` }),
    () => ({ subject, text: JSON.stringify({ id: 'not an id', orderId: 7, mark }) }),
    () => ({ subject, text: JSON.stringify([mark]) }),
    () => ({ subject, text: JSON.stringify({ mark, padding: 'x'.repeat(70_000) }) }),
    () => ({
      subject: 'payment:created',
      text: JSON.stringify({ id: mark, orderId: random.objectId(), stripeChargeId: mark }),
    }),
    () => {
      const ticket = { id: mark, version: Number.MAX_SAFE_INTEGER, title: mark, price: 1, userId: mark };
      return { subject: random.pick(['ticket:created', 'ticket:updated']), text: JSON.stringify(ticket) };
    },
  ];
  return random.pick(kinds)();
}
