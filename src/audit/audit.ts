import type { GapStore } from '../tickets/store/gap-store.ts';
import { auditOrder, type Finding } from './audit-order.ts';
import type { AuditStore } from './audit-store.ts';
import { auditTicket } from './audit-ticket.ts';

export interface AuditDeps {
  audits: AuditStore;
  gaps: Pick<GapStore, 'everyGap'>;
  now: Date;
  /** How long after it was asked for a refund is due; 0, also when absent: at once, and for good. */
  refundAlertMs?: number;
}

/** Checks the stored data against the promises of the contract, while the service runs. Yields its findings. */
export async function* audit({ audits, gaps, now, refundAlertMs }: AuditDeps): AsyncGenerator<Finding> {
  for (const { ticketId, orderIds } of await audits.ticketsHeldTwice()) {
    const detail = `is held by ${orderIds.join(' and ')}`;
    yield { severity: 'broken', rule: 'one_holder_per_ticket', subject: ticketId, detail };
  }
  for await (const order of audits.everyOrder()) yield* auditOrder(order, now, refundAlertMs);
  for await (const ticket of audits.ticketsFarAhead()) yield* auditTicket(ticket);
  for await (const { ticketId, parked, lowestVersion, oldestParkedAt } of gaps.everyGap()) {
    const oldestSeconds = Math.floor((now.getTime() - oldestParkedAt.getTime()) / 1_000);
    const detail = `${parked} parked, from version ${lowestVersion} on, the oldest for ${oldestSeconds} s`;
    const gap = { parked, lowestVersion, oldestSeconds };
    yield { severity: 'due', rule: 'gap_open', subject: ticketId, detail, gap };
  }
}
