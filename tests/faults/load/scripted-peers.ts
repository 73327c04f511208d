import { setTimeout as delay } from 'node:timers/promises';
import type { LoadPeers } from './load-peers.ts';
import type { MakePayment } from './payment-messages.ts';
import type { Publish } from './publisher.ts';
import { refundMessage } from './refund-messages.ts';
import { publishTicket } from './ticket-messages.ts';

export interface ScriptedPeersDeps {
  publish: Publish;
  /** Makes the payments, in the forms that are sent. */
  makePayment: MakePayment;
  /** The probability that a version of a ticket never comes. Called once for each ticket. */
  chanceOfGap: () => number;
  /**
   * The probability that a payment is given back of the peers' own accord; 0 where the service does not know of it. Called once
   * for each payment.
   */
  chanceOfRefund: () => number;
  holdMs: number;
}

/** Peers whose messages are made up: late, twice, in any order and form, and without a look at what the service sends. */
export function scriptedPeers(parts: ScriptedPeersDeps): LoadPeers {
  const { publish, makePayment, chanceOfGap, chanceOfRefund, holdMs } = parts;
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

    /**
     * Sometimes published twice, in two forms, at once or when the order may be another one. One that is given back is told
     * so before it comes, at the same time, or some time later, when it may have bought.
     */
    async pay({ id: orderId }, { name, random }) {
      const write = makePayment(random, { name, orderId });
      const publishAfter = async (pauseMs: number, message: string, subject = 'payment:created') => {
        await delay(pauseMs);
        await publish(subject, message);
      };
      const refund = random.chance(chanceOfRefund())
        ? random.pick(['before', 'beside', 'after'] as const)
        : 'none';
      const giveBack = (pauseMs: number) =>
        publishAfter(pauseMs, refundMessage(write(), `re-${name}`), 'payment:refunded');
      if (refund === 'before') await giveBack(0);
      const pausesMs = random.chance(0.25) ? [0, random.pick([0, random.between(0, holdMs * 2)])] : [0];
      await Promise.all(
        pausesMs
          .map((pauseMs) => publishAfter(pauseMs, write()))
          .concat(refund === 'beside' ? giveBack(0) : []),
      );
      if (refund === 'after') await giveBack(random.between(0, holdMs * 2));
    },

    async hint(orderId, random) {
      if (random.chance(0.5)) await publish('expiration:complete', JSON.stringify({ orderId }));
    },
  };
}
