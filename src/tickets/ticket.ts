/** The rules by which a copy of a ticket follows the tickets service's events. Pure. */

export interface Ticket {
  id: string;
  title: string;
  /** In the currency's major unit. */
  price: number;
  version: number;
}

/** What an event says of a ticket: the whole ticket as it is at that version. */
export interface TicketEvent extends Ticket {
  kind: 'created' | 'updated';
}

/** Versions that never came: the copy went from `after` straight to `to`. */
export interface SkippedVersions {
  /** The version before the gap; absent when the copy began behind the gap. */
  after?: number;
  to: number;
  at: Date;
}

export type ReplicaDecision = 'create' | 'apply' | 'duplicate' | 'gap';

/** What an event means for the copy at `version`, or for a copy that does not exist yet (`undefined`). */
export function decide(
  version: number | undefined,
  event: Pick<TicketEvent, 'kind' | 'version'>,
): ReplicaDecision {
  if (version === undefined) return event.kind === 'created' ? 'create' : 'gap';
  if (event.version <= version) return 'duplicate';
  // A second `created` never changes a copy that exists, whatever version it claims.
  if (event.kind === 'created') return 'duplicate';
  return event.version === version + 1 ? 'apply' : 'gap';
}

/** The versions that were skipped, both ends included. */
export function missingVersions({ after, to }: Pick<SkippedVersions, 'after' | 'to'>): {
  first: number;
  last: number;
} {
  return { first: after === undefined ? 0 : after + 1, last: to - 1 };
}
