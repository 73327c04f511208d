import { readMessageConfig } from '../command-config.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createTicketHolderStore } from '../orders/store/ticket-holder-store.ts';
import { planRelease, type ReleaseOrderDeps, releaseOrder } from '../orders/use-cases/release-order.ts';
import {
  pagesOf,
  planHolders,
  type ReleaseTicketsDeps,
  releaseHolders,
  releaseWithdrawn,
} from '../orders/use-cases/release-tickets.ts';
import { systemClock } from '../platform/time/clock.ts';
import { processTime } from '../platform/time/repeat.ts';
import { type Database, withDatabase } from './connections.ts';
import type { CommandContext } from './exit-codes.ts';
import { orderStoreOn } from './order-store-on.ts';
import { changeEachSale } from './orders-sale.ts';
import { whileRead } from './output.ts';
import { type ReleaseArguments, readReleaseArguments } from './release-arguments.ts';
import { createReleaseReport, type ReleaseLine } from './release-report.ts';

/**
 * Takes tickets back from their orders, or says what it would do. The events are sent by the service, within its next sweep.
 * Resolves with the exit code: 1 when an order could not be released, or a ticket not be withdrawn.
 */
export async function releaseOrders(context: CommandContext): Promise<number> {
  const request = await readReleaseArguments(context);
  const { eventSpacingMs } = readMessageConfig(process.env);
  return withDatabase(context, async (database) => {
    const deps: ReleaseTicketsDeps = {
      orders: orderStoreOn(database, eventSpacingMs),
      clock: systemClock,
      holders: createTicketHolderStore(orderModel(database)),
      signal: context.signal,
    };
    const report = createReleaseReport(context, request);
    let missing = 0;
    try {
      if (request.withdraws) missing = await withdraw(context, database, request);
      for await (const line of linesOf(context, deps, request)) await report.line(line);
    } catch (error) {
      await report.endEarly();
      throw error;
    }
    return report.end(missing);
  });
}

/** Resolves with the number of tickets without a copy. */
function withdraw(context: CommandContext, database: Database, request: ReleaseArguments): Promise<number> {
  const { targets, isMeant, isJson } = request;
  return changeEachSale(context, database, { change: 'withdraw', ticketIds: targets.ids, isMeant, isJson });
}

/** What becomes of each order, or would. */
function linesOf(
  { problems, signal }: CommandContext,
  deps: ReleaseTicketsDeps,
  { targets: { kind, ids }, reason, withdraws, isMeant }: ReleaseArguments,
): AsyncIterable<ReleaseLine> {
  if (kind === 'orders') return eachOrder(deps, ids, isMeant ? reason : undefined);
  if (!isMeant) return planHolders(deps, ids);
  if (!withdraws) return releaseHolders(deps, { ticketIds: ids, reason });
  const waiting = {
    ...processTime(signal),
    onWait: (milliseconds: number) =>
      whileRead(problems).line(
        `looks again in ${Math.ceil(milliseconds / 1_000)} s: until then a purchase or a payment may still end that had begun before`,
      ),
  };
  return releaseWithdrawn({ ...deps, ...waiting }, { ticketIds: ids, reason });
}

/** Without a reason it is a plan. */
async function* eachOrder(
  deps: ReleaseOrderDeps & Pick<ReleaseTicketsDeps, 'signal'>,
  orderIds: readonly string[],
  reason: string | undefined,
): AsyncGenerator<ReleaseLine> {
  for (const page of pagesOf(orderIds)) {
    deps.signal.throwIfAborted();
    yield* await Promise.all(
      page.map(async (orderId) => {
        const outcome =
          reason === undefined ? await planRelease(deps, orderId) : await releaseOrder(deps, orderId, reason);
        return { orderId, outcome };
      }),
    );
  }
}
