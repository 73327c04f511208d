import type { StoredPast } from '../orders/store/past-order-store.ts';
import {
  planRepublish,
  type RepublishDeps,
  type RepublishPlan,
  type RepublishScope,
  type RepublishStep,
  republishOrder,
} from '../orders/use-cases/republish-order.ts';
import type { CommandContext } from './exit-codes.ts';
import { type Output, OutputClosed } from './output.ts';
import { dryRunSummary, type RepublishCounts, sentSummary } from './republish-summary.ts';

/** One pass over the orders. */
export interface RepublishPass extends Pick<CommandContext, 'out' | 'problems' | 'signal'> {
  listed: AsyncIterable<StoredPast>;
  scope: RepublishScope;
  counts: RepublishCounts;
}

/** Prints what would be sent, and how long that takes at `rate` events a second. */
export async function planAll(pass: RepublishPass, rate: number): Promise<void> {
  for await (const past of pass.listed) {
    pass.signal.throwIfAborted();
    const plan = planRepublish(past, pass.scope);
    if (plan.kind === 'send') for (const { subject } of plan.events) pass.counts.add(past.id, subject);
    else await countUnsent(pass, past.id, plan);
  }
  for (const line of dryRunSummary(pass.counts, rate)) await pass.out.line(line);
}

/**
 * Sends the events of the orders again, and prints what was sent, however it ends.
 *
 * @throws with the signal's reason, between two orders
 */
export async function sendAll(pass: RepublishPass, deps: RepublishDeps): Promise<void> {
  let end: 'done' | 'ended_early' = 'ended_early';
  try {
    for await (const past of pass.listed) {
      pass.signal.throwIfAborted();
      for await (const step of republishOrder(deps, past, pass.scope)) await report(pass, past.id, step);
    }
    end = 'done';
  } finally {
    for (const line of sentSummary(pass.counts, end)) await printIfRead(pass.out, line);
  }
}

async function report(pass: RepublishPass, id: string, step: RepublishStep): Promise<void> {
  if (step.kind === 'sent') pass.counts.add(id, step.event.subject);
  else if (step.kind === 'changed') await printIfRead(pass.out, changedLine(step.plan));
  else await countUnsent(pass, id, step);
}

function changedLine(plan: Extract<RepublishStep, { kind: 'changed' }>['plan']): string {
  const { id, status, version } = plan.order;
  const decision = plan.kind === 'send' ? 'judged by what it is now' : 'left out';
  return `order ${id} has changed meanwhile, it is ${status} now, at version ${version}: ${decision}`;
}

async function countUnsent(
  { counts, problems }: RepublishPass,
  id: string,
  plan: Exclude<RepublishPlan, { kind: 'send' }>,
): Promise<void> {
  if (plan.kind === 'left_out') {
    counts.leftOut++;
    return;
  }
  counts.unreadable++;
  const problem = (plan.problem as Error).message;
  await printIfRead(problems, `order ${id}: its events cannot be made again: ${problem}`);
}

/** Prints a line. A reader that has gone neither ends a sending in the middle nor hides why it failed. */
export async function printIfRead(output: Output, text: string): Promise<void> {
  try {
    await output.line(text);
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
}
