import { createClient, type Request } from '../../faults/load/client.ts';
import type { ServiceName } from '../../faults/nemesis/schedule.ts';
import type { Deployment } from './deployment.ts';

const inFlight = 16;

/**
 * Reads each order at each of the services, alone and in its buyer's list. The answers are among the deployment's, so the rules
 * compare what they show with what is stored. Resolves with the reads that did not succeed.
 */
export async function readOrders(
  deployment: Deployment,
  orders: readonly { id: string; userId: string }[],
  services: readonly ServiceName[],
): Promise<string[]> {
  const client = createClient(deployment);
  const failed: string[] = [];
  const reads = orders
    .flatMap(({ id, userId }) =>
      services.flatMap((service) =>
        (['show', 'list'] as const).map(
          (kind): Request => ({
            ...{ kind, service, userId, orderId: id },
            requestId: `${kind}-${id}-at-${service}-${Date.now()}`,
          }),
        ),
      ),
    )
    .values();
  const readOn = async () => {
    for (const read of reads) {
      const { status } = await client(read);
      if (status !== 200) failed.push(`${read.requestId}: ${status}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, readOn));
  return failed;
}

/** The orders that buyers were answered as placed, so far. */
export function placedOrders({ answers }: Pick<Deployment, 'answers'>): { id: string; userId: string }[] {
  const shown = answers.flatMap(({ kind, shown }) => (kind === 'place' && shown ? [shown] : []));
  return [...new Map(shown.map((order) => [order.id, order])).values()];
}
