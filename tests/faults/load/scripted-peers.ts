import { setTimeout as delay } from 'node:timers/promises';
import type { LoadPeers } from './load-peers.ts';
import type { MakePayment } from './payment-messages.ts';
import type { Publish } from './publisher.ts';
import { publishTicket } from './ticket-messages.ts';

export interface ScriptedPeersDeps {
  publish: Publish;
  /** Makes the payments, in the forms that are sent. */
  makePayment: MakePayment;
  /** The probability that a version of a ticket never comes. Called once for each ticket. */
  chanceOfGap: () => number;
  holdMs: number;
}

/** Peers whose messages are made up: late, twice, in any order and form, and without a look at what the service sends. */
export function scriptedPeers({ publish, makePayment, chanceOfGap, holdMs }: ScriptedPeersDeps): LoadPeers {
  return {
    sell: (ticketId, random, onOffer) =>
      publishTicket({ publish, onOffer, chanceOfGap: chanceOfGap() }, random, ticketId),

    async offer(ticketIds) {
      await Promise.all(
        ticketIds.map((id) => {
          const ticket = { id, version: 0, title: `Peak ${id.slice(0, 6)}`, price: 20, userId: 'seller' };
          return publish('ticket:created', JSON.stringify(ticket));
        }),
      );
    },

    /** Sometimes published twice, in two forms, at once or when the order may be another one. */
    async pay({ id: orderId }, { name, random }) {
      const write = makePayment(random, { name, orderId });
      const publishAfter = async (pauseMs: number, message: string) => {
        await delay(pauseMs);
        await publish('payment:created', message);
      };
      const pausesMs = random.chance(0.25) ? [0, random.pick([0, random.between(0, holdMs * 2)])] : [0];
      await Promise.all(pausesMs.map((pauseMs) => publishAfter(pauseMs, write())));
    },

    async hint(orderId, random) {
      if (random.chance(0.5)) await publish('expiration:complete', JSON.stringify({ orderId }));
    },
  };
}
