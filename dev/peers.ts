import { randomUUID } from 'node:crypto';
import { BadOptions, parseOptions } from './command-options.ts';
import type { BrokerAddress, EmbeddedMongo } from './embedded/embedded-server.ts';
import { startClassicExpirationService } from './stand-ins/classic-expiration-service.ts';
import { startClassicPaymentsService } from './stand-ins/classic-payments-service.ts';
import {
  type ClassicTicketsService,
  startClassicTicketsService,
} from './stand-ins/classic-tickets-service.ts';
import { offerTickets } from './stand-ins/offered-tickets.ts';
import { startPaymentsService } from './stand-ins/payments-service.ts';
import { startTicketsService, type TicketView } from './stand-ins/tickets-service.ts';
import type { MarketDeps } from './storefront/market-routes.ts';

/** The stand-ins that play the orders service's peers, as the shop needs them. */
export interface Peers {
  tickets: MarketDeps['tickets'];
  payments: MarketDeps['payments'];
}

interface PeersDeps {
  mongo: EmbeddedMongo;
  broker: BrokerAddress;
  changePricesEveryMs: number;
  /** How long a refund takes; the classic payments service gives nothing back. */
  refundsTakeMs: number;
  /** Called when the data of a stand-in have changed. */
  onChange: () => void;
  /** Called with each part that has been started, so that it is stopped whatever comes after it. */
  started: <Part extends { stop(): Promise<unknown> }>(part: Part) => Part;
}

/** Which peers the command line asks for. @throws BadOptions */
export function readPeers(args: string[]): 'classic' | undefined {
  const { peers } = parseOptions(args, { peers: { type: 'string' } });
  if (peers === undefined || peers === 'classic') return peers;
  throw new BadOptions(`--peers must be classic, or be left out, not ${JSON.stringify(peers)}`);
}

/** Those that speak the contract's words and remember what they have seen. */
export async function startContractPeers(deps: PeersDeps): Promise<Peers> {
  const { broker, changePricesEveryMs, refundsTakeMs, onChange, started } = deps;
  return {
    tickets: started(startTicketsService({ broker, changePricesEveryMs, onChange })),
    payments: started(startPaymentsService({ broker, refundsTakeMs })),
  };
}

/** Those of a classic marketplace, each with a database of its own and of this run. */
export async function startClassicPeers(deps: PeersDeps): Promise<Peers> {
  const { mongo, broker, changePricesEveryMs, onChange, started } = deps;
  if (broker.clusterId === undefined) throw new Error('classic peers speak to NATS Streaming alone');
  const run = randomUUID().slice(0, 8);
  const mongoUri = (service: string) => mongo.uri(`orders-dev-${run}-${service}`);
  const tickets = started(
    await startClassicTicketsService({ broker, onChange, mongoUri: mongoUri('tickets') }),
  );
  const payments = started(await startClassicPaymentsService({ broker, mongoUri: mongoUri('payments') }));
  started(startClassicExpirationService({ broker }));
  await tickets.offer([...offerTickets().values()]);
  started(changePrices(tickets, changePricesEveryMs));

  return {
    tickets: {
      ...tickets,
      list: async () => (await tickets.list()).map(view),
      async find(ticketId) {
        const ticket = await tickets.find(ticketId);
        return ticket && view(ticket);
      },
    },
    payments: {
      pay: async (order) => {
        const taken = await payments.pay(order);
        return 'refused' in taken ? taken : { ...taken, state: 'sent' };
      },
      async find(orderId) {
        const charge = await payments.find(orderId);
        return charge && { ...charge, state: 'sent' };
      },
      closesWithOrder: true,
    },
  };
}

/** Has a seller edit one ticket after the other; one that is locked for an order stays as it is. */
function changePrices(tickets: ClassicTicketsService, everyMs: number): { stop(): Promise<void> } {
  let turn = 0;
  async function changeNext(): Promise<void> {
    const all = await tickets.list();
    const ticket = all[turn++ % all.length];
    if (ticket?.orderId === null) await tickets.update(ticket.id);
  }
  // An order of that moment may have been first: the seller tries again another time.
  const changes = setInterval(() => void changeNext().catch(() => undefined), everyMs);
  return { stop: async () => clearInterval(changes) };
}

/** All that a classic tickets service knows: whether the ticket is locked, not until when, nor whether it is sold. */
function view(ticket: Omit<TicketView, 'state'>): TicketView {
  return { ...ticket, state: ticket.orderId === null ? 'free' : 'held' };
}
