import { parseArgs } from 'node:util';
import { pagesOf } from '../orders/use-cases/release-tickets.ts';
import { systemClock } from '../platform/time/clock.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import { createWithdrawalStore } from '../tickets/store/withdrawal-store.ts';
import {
  type ChangeSaleDeps,
  changeSale,
  planSale,
  type SaleChange,
  type SaleOutcome,
} from '../tickets/use-cases/change-sale.ts';
import { type Database, withDatabase } from './connections.ts';
import { BadUsage, type CommandContext } from './exit-codes.ts';
import { refuseRepeated } from './given-once.ts';
import { readTargets, targetOptions } from './orders-targets.ts';
import { printIfRead } from './republish-pass.ts';

/** The words for what is changed, for a ticket that is so already, and for what would be changed. */
const texts: Record<SaleChange, { changed: string; done: string; planned: string }> = {
  withdraw: { changed: 'withdrawn', done: 'is withdrawn already', planned: 'would be withdrawn' },
  offer: { changed: 'offered again', done: 'is for sale already', planned: 'would be offered again' },
};

export function saleDeps(database: Database): ChangeSaleDeps {
  return { withdrawals: createWithdrawalStore(ticketModel(database)), clock: systemClock };
}

/** Takes tickets from sale, or puts them back. Resolves with the exit code: 1 when there is no copy of one of them. */
export async function changeSales(
  context: CommandContext,
  change: SaleChange,
  args: string[],
): Promise<number> {
  const { out } = context;
  const { ticketIds, isMeant, isJson } = await readSaleArguments(change, args);
  const text = ({ ticketId, kind }: SaleOutcome) => `${ticketId}  ${saleText(change, kind, isMeant)}`;
  return withDatabase(context, async (database) => {
    let missing = 0;
    for await (const outcome of sales(context, saleDeps(database), { change, ticketIds, isMeant })) {
      if (outcome.kind === 'not_found') missing++;
      await printIfRead(out, isJson ? JSON.stringify({ ...outcome, isMeant }) : text(outcome));
    }
    if (!isMeant && !isJson) await out.line('Nothing is changed without --yes');
    return missing > 0 ? 1 : 0;
  });
}

interface SaleRequest {
  change: SaleChange;
  ticketIds: readonly string[];
  isMeant: boolean;
}

/** Yields what becomes of each ticket, or would. @throws with the signal's reason between two pages */
export async function* sales(
  { signal }: Pick<CommandContext, 'signal'>,
  deps: ChangeSaleDeps,
  { change, ticketIds, isMeant }: SaleRequest,
): AsyncGenerator<SaleOutcome> {
  for (const page of pagesOf(ticketIds)) {
    signal.throwIfAborted();
    yield* isMeant ? await changeSale(deps, change, page) : await planSale(deps, change, page);
  }
}

/** What became of a ticket, for people. */
export function saleText(change: SaleChange, kind: SaleOutcome['kind'], isMeant: boolean): string {
  if (kind === 'not_found') return 'there is no copy of this ticket, so nobody can buy it yet';
  return kind === 'changed' && !isMeant ? texts[change].planned : texts[change][kind];
}

async function readSaleArguments(change: SaleChange, args: string[]) {
  const { values, tokens } = parseArgs({
    args,
    allowPositionals: true,
    tokens: true,
    options: {
      ...targetOptions,
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  refuseRepeated(tokens, '--ticket');
  const { kind, ids } = await readTargets(tokens, values['from-file']);
  if (kind !== 'tickets') throw new BadUsage(`${change} needs --ticket <id>… or --from-file <file>`);
  return { ticketIds: ids, isMeant: values.yes, isJson: values.json };
}
