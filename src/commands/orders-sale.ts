import { parseArgs } from 'node:util';
import { pagesOf } from '../orders/use-cases/release-tickets.ts';
import { systemClock } from '../platform/time/clock.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import { createWithdrawalStore } from '../tickets/store/withdrawal-store.ts';
import { changeSale, planSale, type SaleChange, type SaleOutcome } from '../tickets/use-cases/change-sale.ts';
import { flag, refuseRepeated } from './arguments.ts';
import { type Database, withDatabase } from './connections.ts';
import { BadUsage, type CommandContext } from './exit-codes.ts';
import { readTargets, targetOptions } from './orders-targets.ts';
import { printTo, whileRead } from './output.ts';

/** The words for what is changed, for a ticket that is so already, and for what would be changed. */
const texts: Record<SaleChange, { changed: string; done: string; planned: string }> = {
  withdraw: { changed: 'withdrawn', done: 'is withdrawn already', planned: 'would be withdrawn' },
  offer: { changed: 'offered again', done: 'is for sale already', planned: 'would be offered again' },
};

/** Takes tickets from sale, or puts them back. Resolves with the exit code: 1 when there is no copy of one of them. */
export async function changeSales(context: CommandContext, change: SaleChange): Promise<number> {
  const request = await readSaleArguments(change, context);
  return withDatabase(context, async (database) => {
    const missing = await changeEachSale(context, database, request);
    if (!request.isMeant && !request.isJson)
      await whileRead(context.out).line('Nothing is changed without --yes');
    return missing > 0 ? 1 : 0;
  });
}

interface SaleRequest {
  change: SaleChange;
  ticketIds: readonly string[];
  isMeant: boolean;
  isJson: boolean;
}

/**
 * Changes the sale of each ticket, and prints what became of it, or would. Resolves with the number of tickets without a copy.
 *
 * @throws with the signal's reason between two pages
 */
export async function changeEachSale(
  { out, signal }: Pick<CommandContext, 'out' | 'signal'>,
  database: Database,
  { change, ticketIds, isMeant, isJson }: SaleRequest,
): Promise<number> {
  const deps = { withdrawals: createWithdrawalStore(ticketModel(database)), clock: systemClock };
  const print = printTo(whileRead(out), { isJson });
  let missing = 0;
  for (const page of pagesOf(ticketIds)) {
    signal.throwIfAborted();
    for (const outcome of await (isMeant ? changeSale : planSale)(deps, change, page)) {
      const { ticketId, kind } = outcome;
      if (kind === 'not_found') missing++;
      await print({ ...outcome, isMeant }, [`${ticketId}  ${saleText(change, kind, isMeant)}`]);
    }
  }
  return missing;
}

/** What became of a ticket, for people. */
function saleText(change: SaleChange, kind: SaleOutcome['kind'], isMeant: boolean): string {
  if (kind === 'not_found') return 'there is no copy of this ticket, so nobody can buy it yet';
  return kind === 'changed' && !isMeant ? texts[change].planned : texts[change][kind];
}

async function readSaleArguments(
  change: SaleChange,
  { args, signal }: Pick<CommandContext, 'args' | 'signal'>,
): Promise<SaleRequest> {
  const options = { ...targetOptions, yes: flag, json: flag };
  const { values, tokens } = parseArgs({ args, allowPositionals: true, tokens: true, options });
  refuseRepeated(tokens, '--ticket');
  const { kind, ids } = await readTargets(tokens, values['from-file'], signal);
  if (kind !== 'tickets') throw new BadUsage(`${change} needs --ticket <id>… or --from-file <file>`);
  return { change, ticketIds: ids, isMeant: values.yes, isJson: values.json };
}
