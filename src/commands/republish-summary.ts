export type RepublishCounts = ReturnType<typeof createRepublishCounts>;

/** Counts what is sent again, or would be; orders come one after the other. */
export function createRepublishCounts() {
  const bySubject = new Map<string, number>();
  let lastId: string | undefined;
  let orders = 0;
  return {
    leftOut: 0,
    unreadable: 0,
    add(id: string, subject: string): void {
      bySubject.set(subject, (bySubject.get(subject) ?? 0) + 1);
      if (id !== lastId) orders++;
      lastId = id;
    },
    events: () => [...bySubject.values()].reduce((sum, count) => sum + count, 0),
    /** Such as `3 events of 2 orders: 2 order:created, 1 order:paid`. */
    text(): string {
      const subjects = [...bySubject].map(([subject, count]) => `${count} ${subject}`);
      return `${this.events()} events of ${orders} orders${subjects.length > 0 ? `: ${subjects.join(', ')}` : ''}`;
    },
    lastId: () => lastId,
  };
}

/** What a dry run says. */
export function dryRunSummary(counts: RepublishCounts, rate: number): string[] {
  const seconds = Math.ceil(counts.events() / rate);
  return [
    `would send ${counts.text()}`,
    ...leftOutLines(counts),
    `Nothing is sent without --yes. At ${rate} events a second it takes ${seconds} s`,
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
