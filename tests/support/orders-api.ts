import type { Connection } from 'mongoose';
import supertest from 'supertest';
import type { Service, ServiceOptions } from '../../src/service.ts';
import { storeTicket } from './buyer.ts';
import { openDatabase, startTestService, type TestConfig, testConfig } from './running-service.ts';

/** One service with its database, and a clock that tests can turn. */
export interface OrdersApi {
  config: TestConfig;
  database: Connection;
  service: Service;
  http: ReturnType<typeof supertest>;
  /** Moves the service's clock on. */
  pass(milliseconds: number): void;
  /** Has this buyer place an order for a new ticket. */
  place(buyer: Record<string, string>): Promise<{ id: string; ticketId: string; expiresAt: string }>;
}

/** Starts them; they end with the test file. `overrides` are of the tests' configuration. */
export async function startOrdersApi(
  overrides: Partial<TestConfig> = {},
  options: Pick<Partial<ServiceOptions>, 'log'> = {},
): Promise<OrdersApi> {
  const config = testConfig(overrides);
  const database = await openDatabase(config);
  let now = new Date();
  const service = await startTestService(config, { clock: () => now, ...options });
  const http = supertest(service.url);
  return {
    config,
    database,
    service,
    http,
    pass(milliseconds) {
      now = new Date(now.getTime() + milliseconds);
    },
    async place(buyer) {
      const ticketId = await storeTicket(database);
      const { body } = await http.post('/api/orders').set(buyer).send({ ticketId }).expect(201);
      return body as { id: string; ticketId: string; expiresAt: string };
    },
  };
}
