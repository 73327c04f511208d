import type { Environment } from '../environment/environment.ts';
import type { MeasuredService } from '../environment/start-services.ts';
import { makeBuyers } from '../fixtures/buyers.ts';
import { storeOrders } from '../fixtures/orders.ts';
import type { SeededService } from './request-scenarios.ts';

export interface SeedCounts {
  buyers: number;
  viewers: number;
}

/** Stores 30 orders for each viewer in the service's database, as the scenarios want. */
export async function seedService(
  { jwtKey }: Pick<Environment, 'jwtKey'>,
  service: MeasuredService,
  counts: SeedCounts,
): Promise<SeededService> {
  const [buyers, viewers] = [makeBuyers(counts.buyers, jwtKey), makeBuyers(counts.viewers, jwtKey)];
  const orders = await storeOrders(service, { buyers: viewers, each: 30 });
  return { service, buyers, viewers, orders };
}
