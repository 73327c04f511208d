import { startClassicExpirationService } from '../../dev/stand-ins/classic-expiration-service.ts';
import {
  type ClassicPaymentsService,
  startClassicPaymentsService,
} from '../../dev/stand-ins/classic-payments-service.ts';
import {
  type ClassicTicketsService,
  startClassicTicketsService,
} from '../../dev/stand-ins/classic-tickets-service.ts';
import { atEnd } from './at-end.ts';
import { newId } from './buyer.ts';
import type { TestConfig } from './running-service.ts';
import { openDatabase } from './running-service.ts';

/** The stand-ins for the services of a classic marketplace. */
export interface ClassicMarketplace {
  tickets: ClassicTicketsService;
  payments: ClassicPaymentsService;
}

/**
 * Starts them beside a service, on its servers, with databases of their own. They end with the test file. The broker must be
 * the test's own: they never get rid of the messages of other tests.
 */
export async function startClassicMarketplace(config: TestConfig): Promise<ClassicMarketplace> {
  const broker = config.nats;
  const uri = async (name: string) => {
    const mongoUri = config.mongoUri.replace(/(test-\w+)/, `$1-${name}`);
    await openDatabase({ ...config, mongoUri });
    return mongoUri;
  };
  const tickets = await startClassicTicketsService({
    broker,
    mongoUri: await uri('tickets'),
    onChange: () => undefined,
  });
  atEnd(() => tickets.stop());
  const payments = await startClassicPaymentsService({ broker, mongoUri: await uri('payments') });
  atEnd(() => payments.stop());
  const expiration = startClassicExpirationService({ broker });
  atEnd(() => expiration.stop());
  return { tickets, payments };
}

/** Puts this many tickets on sale. Resolves with their ids; the service may not have heard of them yet. */
export async function offerTickets(tickets: ClassicTicketsService, count: number): Promise<string[]> {
  const offered = Array.from({ length: count }, (_, index) => {
    const title = `Concert ${index}`;
    return { id: newId(), version: 0, title, price: 20, userId: newId(), orderId: null };
  });
  await tickets.offer(offered);
  return offered.map(({ id }) => id);
}
