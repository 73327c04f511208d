import { Counter, type Registry } from 'prom-client';

/** What was changed in, or is missing from, the replicas of the tickets. The gauges of parked updates are in backlog-metrics.ts. */
export function ticketMetrics(registry: Registry) {
  const registers = [registry];
  const skippedGaps = new Counter({
    name: 'orders_ticket_gaps_jumped_total',
    help: "Gaps in tickets' versions that were closed without the versions that never came",
    registers,
  });
  const titlesCut = new Counter({
    name: 'orders_titles_cut_total',
    help: 'Messages about tickets whose title was too long and was cut',
    registers,
  });
  return {
    onVersionsSkipped: () => skippedGaps.inc(),
    onTitleCut: () => titlesCut.inc(),
  };
}
