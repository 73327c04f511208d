import { readMessageConfig } from '../config.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createOrderStore } from '../orders/store/order-store.ts';
import { createTicketHolderStore } from '../orders/store/ticket-holder-store.ts';
import { planRelease, type ReleaseOrderDeps, releaseOrder } from '../orders/use-cases/release-order.ts';
import {
  pagesOf,
  planHolders,
  type ReleaseTicketsDeps,
  releaseHolders,
  releaseWithdrawn,
} from '../orders/use-cases/release-tickets.ts';
import { leaveToSweep } from '../outbox/outbox-notifier.ts';
import { systemClock } from '../platform/time/clock.ts';
import { sleep } from '../platform/time/repeat.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import { type Database, withDatabase } from './connections.ts';
import type { CommandContext } from './exit-codes.ts';
import { saleDeps, sales, saleText } from './orders-sale.ts';
import { type ReleaseArguments, readReleaseArguments } from './release-arguments.ts';
import { createReleaseReport, type ReleaseLine } from './release-report.ts';
import { printIfRead } from './republish-pass.ts';

/**
 * Takes tickets back from their orders, or says what it would do. The events are sent by the service, within its next sweep.
 * Resolves with the exit code: 1 when an order could not be released, or a ticket not be withdrawn.
 */
export async function releaseOrders(context: CommandContext, args: string[]): Promise<number> {
  const request = await readReleaseArguments(args);
  const { eventSpacingMs } = readMessageConfig(process.env);
  return withDatabase(context, async (database) => {
    const deps = releaseDeps(context, database, eventSpacingMs);
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

function releaseDeps(
  { signal }: CommandContext,
  database: Database,
  eventSpacingMs: number,
): ReleaseTicketsDeps {
  const [clock, model] = [systemClock, orderModel(database)];
  const stored = [model, ticketModel(database), leaveToSweep(clock)] as const;
  const orders = createOrderStore(...stored, undefined, undefined, eventSpacingMs);
  return { orders, clock, holders: createTicketHolderStore(model), signal };
}

/** Resolves with the number of tickets without a copy. */
async function withdraw(
  context: CommandContext,
  database: Database,
  { targets, isMeant, isJson }: ReleaseArguments,
): Promise<number> {
  const change = 'withdraw';
  let missing = 0;
  for await (const one of sales(context, saleDeps(database), { change, ticketIds: targets.ids, isMeant })) {
    if (one.kind === 'not_found') missing++;
    const text = `${one.ticketId}  ${saleText(change, one.kind, isMeant)}`;
    await printIfRead(context.out, isJson ? JSON.stringify({ ...one, isMeant }) : text);
  }
  return missing;
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
    uptimeMs: () => performance.now(),
    sleep: (milliseconds: number) => sleep(milliseconds, signal),
    onWait: (milliseconds: number) =>
      printIfRead(
        problems,
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
