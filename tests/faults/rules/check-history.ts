import type { History } from '../history/history.ts';
import { answersHold } from './answers.ts';
import { outboxesAreEmpty, processesLive } from './at-the-end.ts';
import { changesAreAllowed } from './changes.ts';
import { timelyPaymentsBuy } from './charges.ts';
import { poisonIsSetAside } from './dead-letters.ts';
import { everyChangeHasItsEvent } from './events.ts';
import { extensionsAreKept } from './extensions.ts';
import { holdsEndInTime } from './holds-end.ts';
import { keysMakeOneOrder } from './idempotency.ts';
import { eventsKeepUp } from './lag.ts';
import { locksAreOfHolders } from './locks.ts';
import { moneyIsCounted } from './money.ts';
import { oneHoldAtATime } from './one-hold.ts';
import { refundsAreCompleted } from './refunds.ts';
import { releasesAreKept } from './releases.ts';
import { repetitionsAreExcused } from './repetitions.ts';
import { replicasFollow } from './replicas.ts';
import type { Rule } from './rule.ts';
import { paymentsAreSettled } from './settlements.ts';
import { eventsKeepTheirSpacing } from './spacing.ts';
import { withdrawnTicketsAreFree } from './withdrawals.ts';

export interface Finding {
  rule: string;
  detail: string;
}

/** What holds at any time and with any release. */
const promises: Record<string, Rule> = {
  'one hold': oneHoldAtATime,
  answers: answersHold,
  'idempotency keys': keysMakeOneOrder,
  changes: changesAreAllowed,
  events: everyChangeHasItsEvent,
  replicas: replicasFollow,
  'holds end': holdsEndInTime,
  extensions: extensionsAreKept,
  refunds: refundsAreCompleted,
  releases: releasesAreKept,
  withdrawals: withdrawnTicketsAreFree,
  settlements: paymentsAreSettled,
  money: moneyIsCounted,
  charges: timelyPaymentsBuy,
  locks: locksAreOfHolders,
  outboxes: outboxesAreEmpty,
  'dead letters': poisonIsSetAside,
  processes: processesLive,
};

/** What a quiet time shows, and repetitions: this release keeps them, 0.1 does not. */
const pace: Record<string, Rule> = {
  lag: eventsKeepUp,
  spacing: eventsKeepTheirSpacing,
  repetitions: repetitionsAreExcused,
};

/** Everything in which a history breaks the service's promises. Pure. */
export function checkPromises(history: History): Finding[] {
  return findingsOf(promises, history);
}

/** As `checkPromises`, and in which events came late, or again without a reason. Pure. */
export function checkHistory(history: History): Finding[] {
  return [...checkPromises(history), ...findingsOf(pace, history)];
}

function findingsOf(rules: Record<string, Rule>, history: History): Finding[] {
  return Object.entries(rules).flatMap(([rule, check]) => check(history).map((detail) => ({ rule, detail })));
}
