import { buyingPaymentId } from '../orders/domain/decide-payment.ts';
import type { Order } from '../orders/domain/order.ts';
import type { ReleaseOutcome, ReleasePlan } from '../orders/use-cases/release-order.ts';
import type { CommandContext } from './exit-codes.ts';
import { printTo, whileRead } from './output.ts';

/** One order or ticket of the command line, and what became of it, or would. */
export interface ReleaseLine {
  ticketId?: string;
  orderId?: string | undefined;
  outcome: ReleaseOutcome | ReleasePlan | { kind: 'not_held' };
}

/** Prints what becomes of each order, counts it, and says at the end how many there were. */
export function createReleaseReport(
  context: Pick<CommandContext, 'out'>,
  { isMeant, isJson }: { isMeant: boolean; isJson: boolean },
) {
  const out = whileRead(context.out);
  const print = printTo(out, { isJson });
  const count = { pending: 0, paid: 0, nothing: 0 };
  /** By what names them; an order that could not be released at first may be later. */
  const failed = new Set<string>();

  function add({ ticketId = '', orderId = ticketId, outcome }: ReleaseLine): void {
    const { kind } = outcome;
    failed.delete(orderId);
    if (kind === 'failed' || kind === 'not_found') failed.add(orderId);
    else if (kind === 'release' || kind === 'released')
      count[statusBefore(outcome) === 'paid' ? 'paid' : 'pending']++;
    else count.nothing++;
  }

  return {
    async line(line: ReleaseLine): Promise<void> {
      add(line);
      const { ticketId, orderId, outcome } = line;
      const ids = [ticketId, orderId].filter((id) => id !== undefined);
      await print({ ticketId, orderId, ...factsOf(outcome) }, [`${ids.join('  ')}  ${textOf(outcome)}`]);
    },

    /** Resolves with the exit code: 1 when one of them is still not released. */
    async end(): Promise<number> {
      const { pending, paid, nothing } = count;
      const verb = isMeant ? 'released' : 'would release';
      const text = `${verb} ${pending + paid} orders: ${pending} pending, ${paid} paid, whose payments are to be given back`;
      if (!isJson) {
        await out.line(`${text}; ${nothing} with nothing to release; ${failed.size} failed`);
        if (!isMeant) await out.line('Nothing is changed without --yes');
      }
      return failed.size > 0 ? 1 : 0;
    },
  };
}

type Released = Extract<ReleaseLine['outcome'], { order: Order }>;

function statusBefore(outcome: Released): string {
  return outcome.kind === 'released' ? outcome.from : outcome.order.status;
}

function textOf(outcome: ReleaseLine['outcome']): string {
  switch (outcome.kind) {
    case 'release':
    case 'released': {
      const [would, is, it] =
        outcome.kind === 'release'
          ? ['would be cancelled', 'would be', 'is']
          : ['cancelled', 'is to be', 'was'];
      const status = statusBefore(outcome);
      const payment =
        status === 'paid' ? `, and payment ${buyingPaymentId(outcome.order)} ${is} given back` : '';
      return `${would}${payment}: it ${it} ${status}`;
    }
    case 'nothing_to_release':
      return `nothing to release: it is ${outcome.status}`;
    case 'not_held':
      return 'nothing to release: no order holds this ticket';
    case 'not_found':
      return 'there is no such order (the ids of tickets go behind --ticket)';
    case 'failed':
      return `failed: ${outcome.problem}`;
  }
}

function factsOf(outcome: ReleaseLine['outcome']) {
  if (!('order' in outcome)) return outcome;
  const status = statusBefore(outcome);
  return {
    kind: outcome.kind,
    status,
    ...(status === 'paid' && { paymentId: buyingPaymentId(outcome.order) }),
  };
}
