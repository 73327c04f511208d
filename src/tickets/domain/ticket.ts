/** The rules for applying the tickets service's events to the copy of a ticket. Pure. */

export interface Ticket {
  id: string;
  title: string;
  /** In the currency's major unit. */
  price: number;
  version: number;
}

/** The content of an event: the whole ticket at that version. */
export interface TicketEvent extends Ticket {
  kind: 'created' | 'updated';
}

/** Versions that did not come: the copy went directly from `after` to `to`. */
export interface SkippedVersions {
  /** The version before the gap; absent when there was no copy before it was closed. */
  after?: number;
  to: number;
  at: Date;
}

/** An operator's change of a copy's version. */
export interface TicketReset {
  from: number;
  to: number;
  at: Date;
  reason: string;
}

/**
 * How far a version may be above the copy's. Versions grow one by one, so this many updates of one ticket may be missing: a
 * seller's change every minute for a week. A higher version is a mistake or an attack; a copy at that version would ignore
 * every genuine update.
 */
export const maxVersionsAhead = 10_000;

/** The highest version that a new copy may have: a change every second for 68 years. */
export const maxFirstVersion = 2 ** 31;

export type ReplicaDecision = 'create' | 'apply' | 'duplicate' | 'gap' | 'implausible';

/** The highest version that is accepted, for a copy at `version`, or for a ticket without a copy (`undefined`). */
export function highestPlausible(version: number | undefined): number {
  return version === undefined ? maxFirstVersion : version + maxVersionsAhead;
}

/** Why a version is not accepted, with both numbers. */
export function implausibility(copyVersion: number | undefined, version: number): string {
  return copyVersion === undefined
    ? `version ${version} of a ticket without a copy, at most ${maxFirstVersion} is believed`
    : `version ${version} of a ticket whose copy is at ${copyVersion}, at most ${maxVersionsAhead} more are believed`;
}

/** Decides on an event, for a copy at `version`, or for a ticket without a copy (`undefined`). */
export function decideTicketEvent(
  version: number | undefined,
  event: Pick<TicketEvent, 'kind' | 'version'>,
): ReplicaDecision {
  if (event.version > highestPlausible(version)) return 'implausible';
  if (version === undefined) return event.kind === 'created' ? 'create' : 'gap';
  if (event.version <= version) return 'duplicate';
  // A second `created` never changes a copy, even with a higher version.
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
