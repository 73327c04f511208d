import type { GapStore } from '../tickets/store/gap-store.ts';
import { auditOrder, type Finding } from './audit-order.ts';
import type { AuditStore } from './audit-store.ts';
import { auditTicket } from './audit-ticket.ts';

export interface AuditDeps {
  audits: AuditStore;
  gaps: Pick<GapStore, 'everyGap'>;
  /** The replicas of the service that are known to be there. */
  replicas?: { paused: boolean }[];
  now: Date;
  /** How long after it was asked for a refund is due; 0, also when absent: at once, and for good. */
  refundAlertMs?: number;
}

/** Checks the stored data against the promises of the contract, while the service runs. Yields its findings. */
export async function* audit(deps: AuditDeps): AsyncGenerator<Finding> {
  const { audits, gaps, replicas = [], now, refundAlertMs } = deps;
  for (const { ticketId, orderIds } of await audits.ticketsHeldTwice()) {
    const detail = `is held by ${orderIds.join(' and ')}`;
    yield { severity: 'broken', rule: 'one_holder_per_ticket', subject: ticketId, detail };
  }
  const isPaused = replicas.length > 0 && replicas.every(({ paused }) => paused);
  let waiting = 0;
  for await (const order of audits.everyOrder()) {
    for (const finding of auditOrder(order, now, refundAlertMs)) {
      if (isPaused && finding.rule === 'events_leave_within_a_minute') waiting++;
      else yield finding;
    }
  }
  if (waiting > 0) yield pausedFinding(waiting);
  for await (const ticket of audits.ticketsFarAhead()) yield* auditTicket(ticket);
  for await (const { ticketId, parked, lowestVersion, oldestParkedAt } of gaps.everyGap()) {
    const oldestSeconds = Math.floor((now.getTime() - oldestParkedAt.getTime()) / 1_000);
    const detail = `${parked} parked, from version ${lowestVersion} on, the oldest for ${oldestSeconds} s`;
    const gap = { parked, lowestVersion, oldestSeconds };
    yield { severity: 'due', rule: 'gap_open', subject: ticketId, detail, gap };
  }
}

/** Instead of one broken promise for each order: somebody has paused the service, and has to end that. */
function pausedFinding(waiting: number): Finding {
  const detail = `every replica is paused: the events of ${waiting} orders have been waiting for over a minute`;
  return { severity: 'due', rule: 'publishing_paused', subject: 'BROKER_PAUSED', detail };
}
