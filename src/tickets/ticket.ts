/** The rules by which a copy of a ticket follows the tickets service's events. Pure. */

export interface Ticket {
  id: string;
  title: string;
  /** In the currency's major unit. */
  price: number;
  version: number;
}

/** An event's news of a ticket: the whole ticket as it is at that version. */
export interface TicketNews extends Ticket {
  kind: 'created' | 'updated';
}

/** Versions that never came: the copy went from `after` straight to `to`. */
export interface Jump {
  /** The version before the gap; absent when the copy began with this jump. */
  after?: number;
  to: number;
  at: Date;
}

export type ReplicaDecision = 'create' | 'apply' | 'duplicate' | 'gap';

/** What an event means for the copy at `version`, or for a copy that does not exist yet (`undefined`). */
export function decide(
  version: number | undefined,
  news: Pick<TicketNews, 'kind' | 'version'>,
): ReplicaDecision {
  if (version === undefined) return news.kind === 'created' ? 'create' : 'gap';
  if (news.version <= version) return 'duplicate';
  // A second `created` never changes a copy that exists, whatever version it claims.
  if (news.kind === 'created') return 'duplicate';
  return news.version === version + 1 ? 'apply' : 'gap';
}

/** The versions that a jump left out, both ends included. */
export function missingVersions({ after, to }: Pick<Jump, 'after' | 'to'>): { first: number; last: number } {
  return { first: after === undefined ? 0 : after + 1, last: to - 1 };
}
