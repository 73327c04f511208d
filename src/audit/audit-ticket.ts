import { maxFirstVersion, maxVersionsAhead } from '../tickets/domain/ticket.ts';
import type { TicketRecord } from '../tickets/store/ticket-model.ts';
import type { Finding } from './audit-order.ts';

/**
 * Whether the copy of a ticket is at a version that is no longer accepted, so that genuine updates count as old ones; not
 * after an operator has reset it. Pure.
 */
export function auditTicket({ _id, version, jumps = [], resets = [] }: TicketRecord): Finding[] {
  const resetAt = resets.at(-1)?.at ?? new Date(0);
  const farthest = jumps.find(
    ({ after, to, at }) => after !== undefined && to - after > maxVersionsAhead && at > resetAt,
  );
  if (!(version > maxFirstVersion) && !farthest) return [];
  const how = farthest ? `, since it went from ${farthest.after} to ${farthest.to} over a gap` : '';
  const detail = `is at version ${version}${how}: true updates are taken for old ones, see "tickets reset"`;
  return [{ severity: 'due', rule: 'version_out_of_reach', subject: String(_id), detail }];
}
