import { setTimeout as delay } from 'node:timers/promises';
import type { ShownOrder } from '../history/history.ts';
import { services } from '../nemesis/schedule.ts';
import type { Random } from '../random.ts';
import { type Client, isUnknown, type Request } from './client.ts';
import { askForTime } from './extensions.ts';
import type { LoadPeers } from './load-peers.ts';

export interface JourneyDeps {
  client: Client;
  peers: LoadPeers;
  random: Random;
  /** Unique in the round; what the buyer sends is named after it. */
  name: string;
  ticketId: string;
  holdMs: number;
  /** The probability that a buyer asks for more time; 0 where nobody can have any. Called once for each buyer. */
  chanceOfExtension: () => number;
}

const maxAttempts = 4;

/** One buyer: places an order, asks for more time or not, and pays, cancels, does both, or does nothing. */
export async function journey(parts: JourneyDeps): Promise<void> {
  const order = await place(parts);
  if (!order) return;
  const { random, holdMs, peers } = parts;
  const soon = () => delay(random.between(0, holdMs * 0.7));
  const late = () => delay(random.between(holdMs, holdMs * 2.5));
  const pay = (part: string) => peers.pay(order, { name: `${parts.name}-${part}`, random });
  const ways = {
    pay: () => soon().then(() => pay('a')),
    'pay late': () => late().then(() => pay('a')),
    'pay twice': () => soon().then(() => Promise.all([pay('a'), pay('b')])),
    cancel: () => soon().then(() => send(parts, order, 'cancel')),
    'cancel late': () => late().then(() => send(parts, order, 'cancel')),
    'cancel and pay': () => soon().then(() => Promise.all([send(parts, order, 'cancel'), pay('a')])),
    leave: () => (random.chance(0.5) ? late() : soon()).then(() => peers.hint(order.id, random)),
  };
  const way = random.pick([
    ...(['pay', 'pay', 'pay late', 'pay late', 'pay twice'] as const),
    ...(['cancel', 'cancel', 'cancel late', 'cancel and pay', 'leave', 'leave'] as const),
  ]);
  const extended = random.chance(parts.chanceOfExtension()) ? askForTime(parts, order) : undefined;
  await Promise.all([ways[way](), extended]);
  if (random.chance(0.3)) await send(parts, order, 'show');
}

/** With a key, an unknown outcome is tried again, and sometimes two requests are sent at the same time. */
async function place({ client, random, name, ticketId }: JourneyDeps): Promise<ShownOrder | undefined> {
  const userId = `buyer-${name}`;
  const key = random.chance(0.65) ? `key ${name}` : undefined;
  const send = (attempt: string) =>
    client({
      ...{ kind: 'place', requestId: `${name}.${attempt}`, service: random.pick(services), userId, ticketId },
      ...(key !== undefined && { key }),
    });
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const answers =
      key !== undefined && random.chance(0.2)
        ? await Promise.all([send(`${attempt}a`), send(`${attempt}b`)])
        : [await send(String(attempt))];
    const placed = answers.find(({ shown }) => shown)?.shown;
    if (placed) {
      // A buyer whose client forgot that it was answered.
      if (key !== undefined && random.chance(0.15)) await send(`${attempt} again`);
      return placed;
    }
    if (key === undefined || !answers.some(isUnknown)) return undefined;
    await delay(random.between(200, 1_500));
  }
  return undefined;
}

async function send(
  { client, random, name }: JourneyDeps,
  { id, userId }: ShownOrder,
  kind: Request['kind'],
): Promise<void> {
  await client({ kind, requestId: `${name}.${kind}`, service: random.pick(services), userId, orderId: id });
}
