import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedMongo, NatsStreamingAddress } from '../../dev/embedded/embedded-server.ts';
import type { Log } from '../../dev/embedded/first-available.ts';
import { startMongo } from '../../dev/embedded/mongodb.ts';
import { startClassicExpirationService } from '../../dev/stand-ins/classic-expiration-service.ts';
import {
  type ClassicPaymentsService,
  startClassicPaymentsService,
} from '../../dev/stand-ins/classic-payments-service.ts';
import { classicAckWaitMs } from '../../dev/stand-ins/classic-peer.ts';
import {
  type ClassicTicketsService,
  startClassicTicketsService,
} from '../../dev/stand-ins/classic-tickets-service.ts';
import type { PeerSettings, TicketLock } from './history/history.ts';
import type { LoadPeers } from './load/load-peers.ts';

/** What `PEERS=classic` sets, written down once more: the service's own table is under test. */
export const classicSettings: PeerSettings = {
  statusNames: { pending: 'created', paid: 'complete', expired: 'cancelled' },
  spacingMs: 6_000,
  ackWaitMs: classicAckWaitMs,
};

export interface ClassicPeers extends LoadPeers {
  /** The tickets that are locked, with the orders that they are locked for. */
  locks(): Promise<TicketLock[]>;
  /** Waits until no message has come for longer than one that was lost takes to come again, or until a minute is over. */
  untilIdle(): Promise<void>;
  stop(): Promise<void>;
}

/** A message that is lost twice comes after two such times; the rest is for a slow machine. */
const idleAfterMs = 2 * classicAckWaitMs + 1_000;
const idleWithinMs = 60_000;
const maxEdits = 4;
/** Payments may hear of an order some moments after its buyer. */
const attemptsToPay = 5;
const pauseMs = 400;

/**
 * Starts the stand-ins for the services of a classic marketplace, with a database server of their own: what the faults
 * of the service's database do to such services is not of interest here.
 *
 * @throws when something does not start; what had been started is stopped then
 */
export async function startClassicPeers(parts: {
  broker: NatsStreamingAddress;
  log: Log;
}): Promise<ClassicPeers> {
  const mongo = await startMongo(parts);
  try {
    return await startServices(parts.broker, mongo);
  } catch (error) {
    await mongo.stop();
    throw error;
  }
}

async function startServices(broker: NatsStreamingAddress, mongo: EmbeddedMongo): Promise<ClassicPeers> {
  const onChange = () => undefined;
  const tickets = await startClassicTicketsService({ broker, mongoUri: mongo.uri('tickets'), onChange });
  const payments = await startClassicPaymentsService({ broker, mongoUri: mongo.uri('payments') });
  const expiration = startClassicExpirationService({ broker });
  return {
    ...sellers(tickets),
    ...buyers(payments),

    async locks() {
      const listed = await tickets.list();
      return listed.flatMap(({ id, orderId }) => (orderId === null ? [] : [{ ticketId: id, orderId }]));
    },

    async untilIdle() {
      const deadline = performance.now() + idleWithinMs;
      const isIdle = () => performance.now() - tickets.peer.lastActiveAt() > idleAfterMs;
      while (!isIdle() && performance.now() < deadline) await delay(pauseMs);
    },

    async stop() {
      await Promise.all([tickets, payments, expiration].map((service) => service.stop()));
      await mongo.stop();
    },
  };
}

/** The tickets service publishes by itself; what a seller changes at the moment of a purchase is refused, or makes it wait. */
function sellers(tickets: ClassicTicketsService): Pick<LoadPeers, 'sell' | 'offer'> {
  const offer: LoadPeers['offer'] = (ids) =>
    tickets.offer(
      ids.map((id) => {
        const title = `Concert ${id.slice(0, 6)}`;
        return { id, version: 0, title, price: 20, userId: 'seller', orderId: null };
      }),
    );
  return {
    offer,
    async sell(ticketId, random, onOffer) {
      await offer([ticketId]);
      onOffer(ticketId);
      for (let edits = random.whole(0, maxEdits); edits > 0; edits--) {
        await delay(random.between(0, 4_000));
        const edit = random.chance(0.2) ? tickets.updateTwice : tickets.update;
        // Somebody else was faster: the seller sees that it was not saved.
        await edit(ticketId).catch(() => undefined);
      }
    },
  };
}

function buyers(payments: ClassicPaymentsService): Pick<LoadPeers, 'pay' | 'hint'> {
  return {
    async pay({ id: orderId, userId }) {
      for (let attempt = 1; attempt <= attemptsToPay; attempt++) {
        const outcome = await payments.pay({ orderId, userId });
        if (!('refused' in outcome) || outcome.refused !== 404) return;
        await delay(pauseMs);
      }
    },
    // The expiration service does so by itself.
    hint: async () => undefined,
  };
}
