import type { History } from '../history/history.ts';
import { answersHold } from './answers.ts';
import { changesAreAllowed } from './changes.ts';
import { poisonIsSetAside } from './dead-letters.ts';
import { eventsTellEveryChange } from './events.ts';
import { holdsEndInTime } from './holds-end.ts';
import { keysMakeOneOrder } from './idempotency.ts';
import { outboxesAreEmpty, processesLive } from './left-over.ts';
import { oneHolder } from './one-holder.ts';
import { replicasFollow } from './replicas.ts';
import type { Rule } from './rule.ts';
import { paymentsAreSettled } from './settlements.ts';

export interface Finding {
  rule: string;
  detail: string;
}

const rules: Record<string, Rule> = {
  'one holder': oneHolder,
  answers: answersHold,
  'idempotency keys': keysMakeOneOrder,
  changes: changesAreAllowed,
  events: eventsTellEveryChange,
  replicas: replicasFollow,
  'holds end': holdsEndInTime,
  settlements: paymentsAreSettled,
  outboxes: outboxesAreEmpty,
  'dead letters': poisonIsSetAside,
  processes: processesLive,
};

/** Everything in which a history breaks the service's promises. Pure. */
export function checkHistory(history: History): Finding[] {
  return Object.entries(rules).flatMap(([rule, check]) => check(history).map((detail) => ({ rule, detail })));
}
