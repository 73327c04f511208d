import { isSpaced } from '../orders/domain/event-spacing.ts';
import type { StoredPast } from '../orders/store/past-order-store.ts';
import {
  planRepublish,
  type RepublishDeps,
  type RepublishScope,
  type RepublishStep,
  republishOrder,
  type UnsentPlan,
} from '../orders/use-cases/republish-order.ts';
import { type BegunOrder, createBegunOrders, type ReportedStep } from './begun-orders.ts';
import type { CommandContext } from './exit-codes.ts';
import { whileRead } from './output.ts';
import { dryRunSummary, type RepublishCounts, type RepublishPace, sentSummary } from './republish-summary.ts';

/** One pass over the orders. */
export interface RepublishPass extends Pick<CommandContext, 'out' | 'problems' | 'signal'> {
  listed: AsyncIterable<StoredPast>;
  scope: RepublishScope;
  counts: RepublishCounts;
}

/** Prints what would be sent, and how long that takes. */
export async function planAll(pass: RepublishPass, pace: RepublishPace): Promise<void> {
  for await (const past of pass.listed) {
    pass.signal.throwIfAborted();
    const plan = planRepublish(past, pass.scope);
    if (plan.kind !== 'send') await countUnsent(pass, past.id, plan);
    else if (plan.events.length > 0) {
      pass.counts.addOrder(plan.events.filter(isSpaced).length);
      for (const { subject } of plan.events) pass.counts.addEvent(past.id, subject);
    }
  }
  for (const line of dryRunSummary(pass.counts, pace)) await pass.out.line(line);
}

/**
 * Sends the events of the orders again, and prints what was sent, however it ends. Other orders go on while one rests.
 *
 * @throws with the signal's reason, once the orders that were begun are finished
 */
export async function sendAll(pass: RepublishPass, deps: RepublishDeps): Promise<void> {
  let end: 'done' | 'ended_early' = 'ended_early';
  const begun = createBegunOrders((order, step) => report(pass, order, step));
  try {
    for await (const past of pass.listed) {
      pass.signal.throwIfAborted();
      await begun.begin({ id: past.id, steps: republishOrder(deps, past, pass.scope), isCounted: false });
    }
    await begun.finish();
    end = 'done';
  } catch (error) {
    if (pass.signal.aborted && error === pass.signal.reason) await begun.finish();
    throw error;
  } finally {
    for (const line of sentSummary(pass.counts, end)) await whileRead(pass.out).line(line);
  }
}

async function report(pass: RepublishPass, order: BegunOrder, step: ReportedStep): Promise<void> {
  const { id } = order;
  if (step.kind === 'changed') await whileRead(pass.out).line(changedLine(step.plan));
  else if (step.kind !== 'sent') await countUnsent(pass, id, step);
  else {
    if (!order.isCounted) pass.counts.addOrder(1);
    order.isCounted = true;
    pass.counts.addEvent(id, step.event.subject);
  }
}

function changedLine(plan: Extract<RepublishStep, { kind: 'changed' }>['plan']): string {
  const { id, status, version } = plan.order;
  const decision = plan.kind === 'send' ? 'judged by what it is now' : 'left out';
  return `order ${id} has changed meanwhile, it is ${status} now, at version ${version}: ${decision}`;
}

async function countUnsent({ counts, problems }: RepublishPass, id: string, plan: UnsentPlan): Promise<void> {
  if (plan.kind === 'left_out') {
    counts.leftOut++;
    return;
  }
  counts.unreadable++;
  const problem = (plan.problem as Error).message;
  await whileRead(problems).line(`order ${id}: its events cannot be made again: ${problem}`);
}
