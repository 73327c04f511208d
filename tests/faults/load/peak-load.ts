import { setTimeout as delay } from 'node:timers/promises';
import { services } from '../nemesis/schedule.ts';
import { type Random, randomFrom } from '../random.ts';
import { type Client, isUnknown } from './client.ts';
import type { Post } from './publisher.ts';

export interface RushDeps {
  seed: number;
  client: Client;
  post: Post;
  /** How many requests are in flight at any time. */
  inFlight: number;
}

/**
 * A ticket is sold again when its order has been cancelled, or its hold has ended: so the number of tickets decides how
 * many orders there are, some 30 a second with holds of 3 s. That is far from what the embedded database takes, and
 * four times as many events as the rule for the lag needs. All other requests are refused.
 */
const ticketsInTheRush = 50;
const pauseAfterFailureMs = 250;

/** Buyers press for a few tickets without a pause until `signal` aborts, each with one request in flight. */
export async function runRush(parts: RushDeps, signal: AbortSignal): Promise<void> {
  const { seed, post, inFlight } = parts;
  const choices = randomFrom(seed, 'rush');
  const ticketIds = Array.from({ length: ticketsInTheRush }, () => choices.objectId());
  await Promise.all(
    ticketIds.map((id) => {
      const ticket = { id, version: 0, title: `Rush ${id.slice(0, 6)}`, price: 20, userId: 'seller' };
      return post('ticket:created', JSON.stringify(ticket));
    }),
  );
  const press = async (number: number) => {
    const random = randomFrom(seed, `rush ${number}`);
    for (let turn = 1; !signal.aborted; turn++) {
      await buy(parts, { random, name: `rush-${number}-${turn}`, ticketId: random.pick(ticketIds) });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, number) => press(number)));
}

/** Asks for a ticket as somebody new. Of those who get it half cancel at once, the others let their time run out. */
async function buy(
  { client }: RushDeps,
  { random, name, ticketId }: { random: Random; name: string; ticketId: string },
): Promise<void> {
  const userId = `buyer-${name}`;
  const service = random.pick(services);
  const answer = await client({ kind: 'place', requestId: name, service, userId, ticketId });
  if (isUnknown(answer)) await delay(pauseAfterFailureMs);
  if (!answer.shown || random.chance(0.5)) return;
  const { id: orderId } = answer.shown;
  await client({
    kind: 'cancel',
    requestId: `${name}.cancel`,
    service: random.pick(services),
    userId,
    orderId,
  });
}
