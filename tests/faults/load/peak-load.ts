import { setTimeout as delay } from 'node:timers/promises';
import { services } from '../nemesis/schedule.ts';
import { type Random, randomFrom } from '../random.ts';
import { type Client, isUnknown } from './client.ts';
import type { LoadPeers } from './load-peers.ts';

export interface PeakLoadDeps {
  seed: number;
  client: Client;
  peers: LoadPeers;
  /** How many requests are in flight at any time. */
  inFlight: number;
  /**
   * A ticket is sold again when its order has been cancelled, or its hold has ended: so the number of tickets decides how
   * many orders there are. All other requests are refused.
   */
  ticketsInDemand: number;
  /** How long a buyer waits after a purchase, refused or not. */
  pauseMs: number;
}

const pauseAfterFailureMs = 250;

/** Buyers ask for a few tickets again and again until `signal` aborts, each with one request in flight. */
export async function runPeakLoad(parts: PeakLoadDeps, signal: AbortSignal): Promise<void> {
  const { seed, peers, inFlight, ticketsInDemand, pauseMs } = parts;
  const choices = randomFrom(seed, 'peak load');
  const ticketIds = Array.from({ length: ticketsInDemand }, () => choices.objectId());
  await peers.offer(ticketIds);
  const keepBuying = async (number: number) => {
    const random = randomFrom(seed, `peak load ${number}`);
    for (let purchase = 1; !signal.aborted; purchase++) {
      await buy(parts, { random, name: `peak-${number}-${purchase}`, ticketId: random.pick(ticketIds) });
      if (pauseMs > 0) await delay(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, number) => keepBuying(number)));
}

/** Asks for a ticket as somebody new. Of those who get it half cancel at once, the others let their time run out. */
async function buy(
  { client }: PeakLoadDeps,
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
