import type { Clock } from '../../platform/time/clock.ts';
import type { WithdrawalStore } from '../store/withdrawal-store.ts';

export interface ChangeSaleDeps {
  withdrawals: WithdrawalStore;
  clock: Clock;
}

/** `withdraw` takes tickets from sale: purchases are answered as if there were no such ticket. `offer` puts them back. */
export type SaleChange = 'withdraw' | 'offer';

/** `done`: the ticket was so before. */
export interface SaleOutcome {
  ticketId: string;
  kind: 'changed' | 'done' | 'not_found';
}

/** What a change would do to each of these tickets, in their order. */
export async function planSale(
  { withdrawals }: Pick<ChangeSaleDeps, 'withdrawals'>,
  change: SaleChange,
  ticketIds: readonly string[],
): Promise<SaleOutcome[]> {
  const found = await withdrawals.find(ticketIds);
  return ticketIds.map((ticketId) => {
    if (!found.has(ticketId)) return { ticketId, kind: 'not_found' };
    const isWithdrawn = found.get(ticketId) !== undefined;
    return { ticketId, kind: isWithdrawn === (change === 'withdraw') ? 'done' : 'changed' };
  });
}

/** Withdraws or offers these tickets; a second time changes nothing. A ticket without a copy cannot be bought anyway. */
export async function changeSale(
  { withdrawals, clock }: ChangeSaleDeps,
  change: SaleChange,
  ticketIds: readonly string[],
): Promise<SaleOutcome[]> {
  const outcomes = await planSale({ withdrawals }, change, ticketIds);
  const changing = outcomes.filter(({ kind }) => kind === 'changed').map(({ ticketId }) => ticketId);
  if (changing.length === 0) return outcomes;
  if (change === 'withdraw') await withdrawals.withdraw(changing, clock());
  else await withdrawals.offer(changing);
  return outcomes;
}
