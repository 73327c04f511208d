import { readEventConfig } from '../command-config.ts';
import { eventDataBy } from '../orders/domain/status-names.ts';
import { orderModel } from '../orders/store/order-model.ts';
import {
  createPastOrderStore,
  type PastOrderStore,
  type StoredPast,
} from '../orders/store/past-order-store.ts';
import type { RepublishScope } from '../orders/use-cases/republish-order.ts';
import { systemClock } from '../platform/time/clock.ts';
import { createPacer } from '../platform/time/pacer.ts';
import { processTime } from '../platform/time/repeat.ts';
import { readBrokerFor, withBroker, withDatabase } from './connections.ts';
import { type CommandContext, runAndExit } from './exit-codes.ts';
import { whileRead } from './output.ts';
import { readArguments, usage } from './republish-arguments.ts';
import { planAll, type RepublishPass, sendAll } from './republish-pass.ts';
import { createRepublishCounts, repetitionWarning } from './republish-summary.ts';

/** Sends past events again, or says what it would send. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const { args, out, problems, signal } = context;
  const { orderId, scope, rate, isMeant } = readArguments(args, systemClock());
  const { statusNames, eventSpacingMs } = readEventConfig(process.env);
  const toData = eventDataBy(statusNames);
  const counts = createRepublishCounts();
  if (scope.released === 'send') await whileRead(problems).line(repetitionWarning);
  const config = isMeant ? readBrokerFor('republish') : undefined;
  await withDatabase(context, async (database) => {
    const orders = createPastOrderStore(orderModel(database));
    const pass: RepublishPass = {
      ...{ out, problems, signal, counts, scope },
      listed: listed(orders, scope, orderId),
    };
    if (config) {
      const waitTurn = createPacer({ perSecond: rate, ...processTime(signal) });
      await withBroker(context, config, (broker) =>
        sendAll(pass, { orders, broker, toData, waitTurn, eventSpacingMs, signal }),
      );
    } else await planAll(pass, { rate, eventSpacingMs });
  });
  return counts.unreadable > 0 ? 1 : 0;
}

/** The orders to look at, as they are now. */
async function* listed(
  orders: PastOrderStore,
  scope: RepublishScope,
  orderId: string | undefined,
): AsyncGenerator<StoredPast> {
  if (orderId === undefined) yield* orders.changedWithin(scope);
  else yield await orders.findPast(orderId);
}

runAndExit(main, usage);
