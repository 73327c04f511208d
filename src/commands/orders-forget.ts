import { parseArgs } from 'node:util';
import { deadLetterModel } from '../messaging/dead-letters/dead-letter-model.ts';
import { createDeadLetterStore } from '../messaging/dead-letters/dead-letter-store.ts';
import { createErasureStore } from '../orders/store/erasure-store.ts';
import { orderModel } from '../orders/store/order-model.ts';
import {
  type ForgetOutcome,
  type ForgetUserDeps,
  forgetUser as forget,
  type Obstacle,
  planForget,
} from '../orders/use-cases/forget-user.ts';
import { systemClock } from '../platform/time/clock.ts';
import { flag, refuseRepeated, text } from './arguments.ts';
import { withDatabase } from './connections.ts';
import { BadUsage, type CommandContext } from './exit-codes.ts';
import { printTo, whileRead } from './output.ts';

/** Takes a user's id out of all that is stored. Resolves with the exit code: 1 when it cannot be done yet. */
export async function forgetUser(context: CommandContext): Promise<number> {
  const { args, out, signal } = context;
  const { userId, isMeant, isJson } = readForgetArguments(args);
  return withDatabase(context, async (database) => {
    const deps: ForgetUserDeps = {
      erasures: createErasureStore(orderModel(database)),
      deadLetters: createDeadLetterStore(deadLetterModel(database), systemClock),
      signal,
    };
    const outcome = await (isMeant ? forget(deps, userId) : planForget(deps, userId));
    await printTo(whileRead(out), { isJson })(outcome, linesOf(outcome));
    return outcome.kind === 'refused' || outcome.kind === 'left' ? 1 : 0;
  });
}

function readForgetArguments(args: string[]) {
  const options = { user: text, yes: flag, json: flag };
  const { values, tokens } = parseArgs({ args, tokens: true, options });
  refuseRepeated(tokens);
  if (!values.user) throw new BadUsage('forget needs --user <id>');
  return { userId: values.user, isMeant: values.yes, isJson: values.json };
}

function* linesOf({ kind, alias, orders, letters, ...outcome }: ForgetOutcome): Generator<string> {
  for (const obstacle of outcome.obstacles) yield `${obstacle.orderId}  ${obstacleText(obstacle)}`;
  for (const { orderId, paymentId } of outcome.unknownRefunds)
    yield `${orderId}  payment ${paymentId} was to be given back before this was stored: ask the payments service whether it was`;
  for (const id of outcome.unreadableLetters)
    yield `dead letter ${id} cannot be read: look into it, and discard it if the id is in it`;
  const all = `${orders} orders and ${letters} dead letters`;
  if (kind === 'refused') yield `refused, nothing is changed: the user's id is still needed, in ${all}`;
  if (kind === 'planned') yield `would take the user's id out of ${all}. Nothing is changed without --yes`;
  if (kind === 'forgotten') yield `${all} have ${alias} in the place of the user's id`;
  if (kind === 'left')
    yield 'not done: an order or an event with the id has come meanwhile, or an order has changed. Run it again';
}

function obstacleText({ kind, paymentId }: Obstacle): string {
  if (kind === 'pending') return 'is pending: wait until it ends, or release it';
  if (kind === 'event_waits')
    return 'has an event that waits for the broker: wait until the service has sent it';
  return `payment ${paymentId} is still to be given back: see "refunds list"`;
}
