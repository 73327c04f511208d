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
  context: Pick<CommandContext, 'out' | 'problems'>,
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

  function total(): string {
    const { pending, paid } = count;
    return `${isMeant ? 'released' : 'would release'} ${pending + paid} orders: ${pending} pending, ${paid} paid`;
  }

  return {
    async line(line: ReleaseLine): Promise<void> {
      add(line);
      const { ticketId, orderId, outcome } = line;
      const ids = [ticketId, orderId].filter((id) => id !== undefined);
      await print({ ticketId, orderId, ...factsOf(outcome) }, [`${ids.join('  ')}  ${textOf(outcome)}`]);
    },

    /** Says how far a run came that has failed or was interrupted. On standard error, as the list may go into a file. */
    async endEarly(): Promise<void> {
      if (!isMeant) return;
      await whileRead(context.problems).line(`ended early: ${total()} so far; run it again for the rest`);
    },

    /**
     * @param missing the tickets that could not be withdrawn, since there is no copy of them
     * @returns the exit code: 1 when there are any, or when one of the orders is still not released
     */
    async end(missing: number): Promise<number> {
      const { nothing } = count;
      const uncopied = missing > 0 ? `; ${missing} tickets without a copy` : '';
      const text = `${total()}, whose payments are to be given back${uncopied}`;
      if (!isJson) {
        await out.line(`${text}; ${nothing} with nothing to release; ${failed.size} failed`);
        if (!isMeant) await out.line('Nothing is changed without --yes');
      }
      return failed.size > 0 || missing > 0 ? 1 : 0;
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
    // Somebody has to write to the buyers.
    userId: outcome.order.userId,
    ...(status === 'paid' && { paymentId: buyingPaymentId(outcome.order) }),
  };
}
