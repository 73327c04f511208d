import { setTimeout as delay } from 'node:timers/promises';
import type { Poison } from '../history/history.ts';
import { randomFrom } from '../random.ts';
import type { Client } from './client.ts';
import { journey } from './journey.ts';
import { type everyPoison, makePoison, type poisonOfOld } from './poison.ts';
import type { Post } from './publisher.ts';
import { offerTicket } from './tickets.ts';

export interface LoadDeps {
  seed: number;
  client: Client;
  post: Post;
  holdMs: number;
  poison: Poison[];
  /** The kinds of bad messages that are sent. */
  poisonKinds: typeof poisonOfOld | typeof everyPoison;
  /** How likely it is that a version of a ticket never comes, asked for each ticket. */
  chanceOfGap: () => number;
}

const tickMs = 150;
const ticketEveryTicks = 4;
const poisonEveryTicks = 20;
/** So few that buyers meet each other, so many that not all are sold. */
const ticketsOnOffer = 25;
const settleWithinMs = 60_000;

/**
 * Runs buyers, sellers and spoilers until `signal` aborts, and resolves when all of them are done. About 15 requests a
 * second, and more while many are tried again: each turn one buyer, and with one chance in five a race of several for
 * the same ticket.
 *
 * @throws when some are not done a minute after the end
 */
export async function runLoad(parts: LoadDeps, signal: AbortSignal): Promise<void> {
  const { seed, post, poison, poisonKinds, chanceOfGap } = parts;
  const running = new Set<Promise<void>>();
  const begin = (work: Promise<void>) => {
    const tracked = work.finally(() => running.delete(tracked));
    running.add(tracked);
  };
  const offered = new Set<string>();
  const onOffer = (id: string) => offered.add(id);
  const choices = randomFrom(seed, 'load');
  for (let tick = 0; !signal.aborted; tick++) {
    if (tick % ticketEveryTicks === 0) {
      const id = choices.objectId();
      const offering = { post, onOffer, chanceOfGap: chanceOfGap() };
      begin(offerTicket(offering, randomFrom(seed, `ticket ${id}`), id));
    }
    if (tick % poisonEveryTicks === 0) {
      const one = makePoison(poisonKinds, randomFrom(seed, `poison ${tick}`));
      poison.push(one);
      begin(post(one.subject, one.text));
    }
    const buyers = choices.chance(0.2) ? choices.whole(2, 5) : 1;
    // A place in the row of tickets, so that the choice does not depend on how many there are by now.
    const place = -choices.whole(1, ticketsOnOffer);
    const ticketId = [...offered].at(place) ?? [...offered].at(-1);
    for (let buyer = 1; buyer <= buyers && ticketId !== undefined; buyer++) {
      const name = `${tick}-${buyer}`;
      begin(journey({ ...parts, random: randomFrom(seed, `journey ${name}`), name, ticketId }));
    }
    // The end of the load is no failure.
    await delay(tickMs, undefined, { signal }).catch(() => undefined);
  }
  const late = new AbortController();
  const settled = await Promise.race([
    Promise.all(running).then(() => true),
    delay(settleWithinMs, false, { signal: late.signal }),
  ]);
  late.abort();
  if (!settled) throw new Error(`${running.size} parts of the load have not ended after a minute`);
}
