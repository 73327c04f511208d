import { setTimeout as delay } from 'node:timers/promises';
import type { Poison } from '../history/history.ts';
import { randomFrom } from '../random.ts';
import type { Client } from './client.ts';
import { journey } from './journey.ts';
import type { LoadPeers } from './load-peers.ts';
import { type allPoison, makePoison, type poisonOfRelease01 } from './poison.ts';
import type { Publish } from './publisher.ts';

export interface LoadDeps {
  seed: number;
  client: Client;
  /** Sends the bad messages. */
  publish: Publish;
  peers: LoadPeers;
  holdMs: number;
  /** The probability that a buyer asks for more time; 0 where nobody can have any. Called once for each buyer. */
  chanceOfExtension: () => number;
  poison: Poison[];
  /** The kinds of bad messages that are sent. */
  poisonKinds: typeof poisonOfRelease01 | typeof allPoison;
}

const tickMs = 150;
const ticketEveryTicks = 4;
const poisonEveryTicks = 20;
/** So few that buyers meet each other, so many that not all are sold. */
const ticketsOnOffer = 25;
const settleWithinMs = 60_000;

/**
 * Runs buyers, sellers and senders of bad messages until `signal` aborts, and resolves when all of them are done. About 15 requests a
 * second, and more while many are tried again: each tick one buyer, and with one chance in five a race of several for
 * the same ticket.
 *
 * @throws when some are not done a minute after the end
 */
export async function runLoad(parts: LoadDeps, signal: AbortSignal): Promise<void> {
  const { seed, publish, peers, poison, poisonKinds } = parts;
  const running = new Map<Promise<void>, string>();
  const begin = (name: string, work: Promise<void>) => {
    const tracked = work.finally(() => running.delete(tracked));
    running.set(tracked, name);
  };
  const offered = new Set<string>();
  const onOffer = (id: string) => offered.add(id);
  const choices = randomFrom(seed, 'load');
  for (let tick = 0; !signal.aborted; tick++) {
    if (tick % ticketEveryTicks === 0) {
      const id = choices.objectId();
      begin(`ticket ${id}`, peers.sell(id, randomFrom(seed, `ticket ${id}`), onOffer));
    }
    if (tick % poisonEveryTicks === 0) {
      const one = makePoison(poisonKinds, randomFrom(seed, `poison ${tick}`));
      poison.push(one);
      begin('bad message', publish(one.subject, one.text));
    }
    const buyers = choices.chance(0.2) ? choices.whole(2, 5) : 1;
    // An index from the end, so that the choice does not depend on how many tickets there are by now.
    const index = -choices.whole(1, ticketsOnOffer);
    const ticketId = [...offered].at(index) ?? [...offered].at(-1);
    for (let buyer = 1; buyer <= buyers && ticketId !== undefined; buyer++) {
      const name = `${tick}-${buyer}`;
      begin(
        `journey ${name}`,
        journey({ ...parts, random: randomFrom(seed, `journey ${name}`), name, ticketId }),
      );
    }
    // The end of the load is no failure.
    await delay(tickMs, undefined, { signal }).catch(() => undefined);
  }
  const late = new AbortController();
  const settled = await Promise.race([
    Promise.all(running.keys()).then(() => true),
    delay(settleWithinMs, false, { signal: late.signal }),
  ]);
  late.abort();
  if (!settled) throw new Error(`not ended after a minute: ${[...running.values()].join(', ')}`);
}
