import { maxResting } from './begun-orders.ts';

export type RepublishCounts = ReturnType<typeof createRepublishCounts>;

/** At which pace events are sent again. */
export interface RepublishPace {
  /** Events a second. */
  rate: number;
  eventSpacingMs: number;
}

/** Counts what is sent again, or would be. */
export function createRepublishCounts() {
  const bySubject = new Map<string, number>();
  let lastId: string | undefined;
  let orders = 0;
  let rests = 0;
  let maxRests = 0;
  return {
    leftOut: 0,
    unreadable: 0,
    /** Adds an order of which at least one event is sent. */
    addOrder(spacedEvents: number): void {
      orders++;
      const more = Math.max(0, spacedEvents - 1);
      rests += more;
      maxRests = Math.max(maxRests, more);
    },
    addEvent(id: string, subject: string): void {
      bySubject.set(subject, (bySubject.get(subject) ?? 0) + 1);
      lastId = id;
    },
    events: () => [...bySubject.values()].reduce((sum, count) => sum + count, 0),
    /** Such as `3 events of 2 orders: 2 order:created, 1 order:paid`. */
    text(): string {
      const subjects = [...bySubject].map(([subject, count]) => `${count} ${subject}`);
      return `${this.events()} events of ${orders} orders${subjects.length > 0 ? `: ${subjects.join(', ')}` : ''}`;
    },
    /** How long it takes: many orders rest at the same time, and the last of them has all its rests before it. */
    seconds({ rate, eventSpacingMs }: RepublishPace): number {
      const spacing = eventSpacingMs / 1_000;
      const sending = Math.max(this.events() / rate, (rests * spacing) / maxResting);
      return Math.ceil(sending + maxRests * spacing);
    },
    lastId: () => lastId,
  };
}

/** What a dry run says. */
export function dryRunSummary(counts: RepublishCounts, pace: RepublishPace): string[] {
  const { rate, eventSpacingMs } = pace;
  const spacing = eventSpacingMs > 0 ? ` and ${eventSpacingMs / 1_000} s between two of an order` : '';
  return [
    `would send ${counts.text()}`,
    ...leftOutLines(counts),
    `Nothing is sent without --yes. At ${rate} events a second${spacing} it takes ${counts.seconds(pace)} s`,
  ];
}

/** What was sent. */
export function sentSummary(counts: RepublishCounts, end: 'done' | 'ended_early'): string[] {
  const last = counts.lastId();
  const lastLine = `ended early: ${last ? `the last event that was sent is of order ${last}` : 'nothing was sent'}`;
  return [...(end === 'done' ? [] : [lastLine]), `sent ${counts.text()}`, ...leftOutLines(counts)];
}

function leftOutLines({ leftOut }: RepublishCounts): string[] {
  return leftOut > 0
    ? [`left out ${leftOut} orders that have had an order:cancelled; --all sends them, too`]
    : [];
}

/** What an operator must know before the events of orders that have released their ticket are repeated. */
export const repetitionWarning =
  'warning: peers that do not remember eventIds unlock tickets that others hold, fail with E11000, or get the same message ' +
  'again for ever, when an event is repeated';
