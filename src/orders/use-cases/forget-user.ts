import type { DeadLetterStore } from '../../messaging/dead-letters/dead-letter-store.ts';
import { lettersWithId } from '../../messaging/dead-letters/erase-id.ts';
import type { ErasureStore, UsersOrder } from '../store/erasure-store.ts';

export interface ForgetUserDeps {
  erasures: ErasureStore;
  deadLetters: Pick<DeadLetterStore, 'all' | 'replaceData'>;
  /** Aborts when nothing more is to be begun. */
  signal: AbortSignal;
}

/** Why a user cannot be forgotten yet. */
export interface Obstacle {
  orderId: string;
  kind: 'pending' | 'event_waits' | 'refund_open';
  /** Of an open refund. */
  paymentId?: string;
}

/** A payment that was to be given back before completions were stored: whether it was is not known here. */
interface UnknownRefund {
  orderId: string;
  paymentId: string;
}

interface ForgetPlan {
  orders: number;
  letters: number;
  unreadableLetters: string[];
  obstacles: Obstacle[];
  unknownRefunds: UnknownRefund[];
}

/**
 * `left`: of orders that have changed or come meanwhile, or in events that wait; what is done stays done, and a second run
 * does the rest, or is refused while such an event waits.
 */
export type ForgetOutcome = ForgetPlan & {
  kind: 'refused' | 'planned' | 'forgotten' | 'left';
  alias?: string;
};

/** While others change the same orders. */
const maxPasses = 5;

/** What `forgetUser` would do now. */
export async function planForget(deps: ForgetUserDeps, userId: string): Promise<ForgetOutcome> {
  const plan = await survey(deps, userId);
  return { ...plan, kind: plan.obstacles.length > 0 ? 'refused' : 'planned' };
}

/**
 * Takes the user's id out of all that is stored, and puts one alias in its place. Orders keep all else, so accounts stay whole
 * and nothing is sold twice. Nothing is done while an order is pending, an event waits or a refund is open: the event and the
 * refund need the id.
 *
 * @throws when the database is away, or with the signal's reason; a second run does the rest
 */
export async function forgetUser(deps: ForgetUserDeps, userId: string): Promise<ForgetOutcome> {
  const plan = await survey(deps, userId);
  if (plan.obstacles.length > 0) return { ...plan, kind: 'refused' };
  const { erasures, deadLetters, signal } = deps;
  const alias = erasures.newAlias();
  let left = await surveyOrders(deps, userId);
  for (let pass = 0; pass < maxPasses && left.orders > 0 && left.obstacles.length === 0; pass++) {
    for await (const page of erasures.ofUser(userId)) {
      signal.throwIfAborted();
      await erasures.erase(
        userId,
        alias,
        page.filter((order) => obstaclesIn(order).length === 0),
      );
    }
    left = await surveyOrders(deps, userId);
  }
  for await (const letter of lettersWithId(deadLetters, { userId, alias })) {
    signal.throwIfAborted();
    if ('data' in letter) await deadLetters.replaceData(letter.id, letter.data);
  }
  // Again: a payment that read its order before may have written an event with the id since.
  const { orders, obstacles } = await surveyOrders(deps, userId);
  return { ...plan, alias, obstacles, kind: orders + obstacles.length > 0 ? 'left' : 'forgotten' };
}

async function survey(deps: ForgetUserDeps, userId: string): Promise<ForgetPlan> {
  const orders = await surveyOrders(deps, userId);
  const unreadableLetters: string[] = [];
  let letters = 0;
  for await (const letter of lettersWithId(deps.deadLetters, { userId, alias: '' })) {
    deps.signal.throwIfAborted();
    if ('data' in letter) letters++;
    else unreadableLetters.push(letter.id);
  }
  return { ...orders, letters, unreadableLetters };
}

async function surveyOrders({ erasures, signal }: ForgetUserDeps, userId: string) {
  const obstacles: Obstacle[] = [];
  const unknownRefunds: UnknownRefund[] = [];
  let orders = 0;
  for await (const page of erasures.ofUser(userId)) {
    signal.throwIfAborted();
    orders += page.length;
    obstacles.push(...page.flatMap(obstaclesIn));
    unknownRefunds.push(...page.flatMap(unknownRefundsIn));
  }
  const named = new Set(obstacles.filter(({ kind }) => kind === 'event_waits').map(({ orderId }) => orderId));
  for (const orderId of await erasures.withEventOf(userId))
    if (!named.has(orderId)) obstacles.push({ orderId, kind: 'event_waits' });
  return { orders, obstacles, unknownRefunds };
}

function obstaclesIn({ _id, status, outbox, payments }: UsersOrder): Obstacle[] {
  const orderId = String(_id);
  const waits = !Array.isArray(outbox) || outbox.length > 0;
  const open = payments.filter(({ refundDueAt, refundCompletedAt }) => refundDueAt && !refundCompletedAt);
  return [
    ...(status === 'pending' ? [{ orderId, kind: 'pending' as const }] : []),
    ...(waits ? [{ orderId, kind: 'event_waits' as const }] : []),
    ...open.map(({ id: paymentId }) => ({ orderId, kind: 'refund_open' as const, paymentId })),
  ];
}

function unknownRefundsIn({ _id, payments }: UsersOrder): UnknownRefund[] {
  const unknown = payments.filter(
    ({ refund, refundDueAt, refundCompletedAt }) => refund && !refundDueAt && !refundCompletedAt,
  );
  return unknown.map(({ id: paymentId }) => ({ orderId: String(_id), paymentId }));
}
