import { setTimeout as delay } from 'node:timers/promises';
import type { ShownOrder } from '../history/history.ts';
import { services } from '../nemesis/schedule.ts';
import type { Random } from '../random.ts';
import type { Client } from './client.ts';

interface AskingBuyer {
  client: Client;
  random: Random;
  /** Unique in the round. */
  name: string;
  holdMs: number;
}

/**
 * Asks for more time from one to four times, mostly a while before the hold ends, sometimes right when it does, and sometimes
 * in two tabs at once. What becomes of the order meanwhile does not matter to this buyer.
 */
export async function askForTime(
  { client, random, name, holdMs }: AskingBuyer,
  { id: orderId, userId }: ShownOrder,
): Promise<void> {
  const ask = (attempt: string) =>
    client({
      ...{ kind: 'extend', requestId: `${name}.extend-${attempt}`, service: random.pick(services) },
      ...{ userId, orderId },
    });
  for (let times = random.whole(1, 4), attempt = 1; attempt <= times; attempt++) {
    await delay(random.chance(0.2) ? random.between(0.9, 1.1) * holdMs : random.between(0.3, 0.9) * holdMs);
    const tabs = random.chance(0.25) ? ['a', 'b'] : ['a'];
    const answers = await Promise.all(tabs.map((tab) => ask(`${attempt}${tab}`)));
    if (answers.some(({ status }) => status === 409 || status === 404)) return;
  }
}
