import type { Broker } from '../messaging/broker.ts';
import { type OpenRefundRange, refundReminders } from '../orders/domain/refund-reminders.ts';
import { createOpenRefundStore } from '../orders/store/open-refund-store.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createPastOrderStore } from '../orders/store/past-order-store.ts';
import { createPacer } from '../platform/time/pacer.ts';
import { processTime } from '../platform/time/repeat.ts';
import { type Database, readBrokerFor, withBroker, withDatabase } from './connections.ts';
import type { CommandContext } from './exit-codes.ts';
import { whileRead } from './output.ts';
import { readOrProblem } from './read-or-problem.ts';
import type { RefundsRequest } from './refunds-arguments.ts';

type RemindRequest = Extract<RefundsRequest, { command: 'remind' }>;

/** As slow as `republish` is, unless it is told otherwise. */
const perSecond = 50;

const warning =
  'warning: a payments service that remembers neither eventIds nor what it has given back gives money back twice when it is ' +
  'reminded';

/** Sends `order:refund-required` of open refunds again, or says which it would send. Resolves with the exit code. */
export async function remind(context: CommandContext, request: RemindRequest): Promise<number> {
  await whileRead(context.problems).line(warning);
  const config = request.isMeant ? readBrokerFor('refunds') : undefined;
  return withDatabase(context, (database) =>
    config
      ? withBroker(context, config, (broker) => remindAll(context, request, database, broker))
      : remindAll(context, request, database),
  );
}

/** Without a broker it only says what it would send. */
async function remindAll(
  context: CommandContext,
  request: RemindRequest,
  database: Database,
  broker?: Pick<Broker, 'publish'>,
): Promise<number> {
  const range = rangeOf(request);
  const { signal } = context;
  const [out, problems] = [whileRead(context.out), whileRead(context.problems)];
  const past = createPastOrderStore(orderModel(database));
  const waitTurn = createPacer({ perSecond, ...processTime(signal) });
  let [sent, failed] = [0, 0];
  for await (const id of orderIdsOf(request, range, database)) {
    // What is open now: it may have been given back since the order was found.
    const { read } = await past.findPast(id);
    const reminders = readOrProblem(() => refundReminders(read(), range));
    if ('problem' in reminders) {
      failed++;
      await problems.line(`${id}  ${reminders.problem}`);
      continue;
    }
    if (reminders.length === 0)
      await out.line(`${id}  nothing to send: no refund is open, or its event has not left yet`);
    for (const { subject, data, eventId } of reminders) {
      if (broker) {
        await waitTurn();
        signal.throwIfAborted();
        // Not with the event's id as the message's: JetStream would take it for a repetition, and store nothing.
        await broker.publish(subject, JSON.stringify(data));
      }
      sent++;
      await out.line(`${id}  ${broker ? 'sent' : 'would send'} ${eventId}`);
    }
  }
  const end = broker
    ? `sent ${sent} reminders`
    : `would send ${sent} reminders. Nothing is sent without --yes`;
  await out.line(end);
  return failed > 0 ? 1 : 0;
}

/** An order that is named is meant as a whole. */
function rangeOf({ since }: RemindRequest): OpenRefundRange {
  return since ? { since, undated: 'without' } : { undated: 'with' };
}

async function* orderIdsOf(
  { orderIds }: RemindRequest,
  range: OpenRefundRange,
  database: Database,
): AsyncGenerator<string> {
  yield* orderIds;
  if (orderIds.length > 0) return;
  for await (const { id } of createOpenRefundStore(orderModel(database)).withOpenRefunds(range)) yield id;
}
