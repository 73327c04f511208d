import type { Replica } from '../messaging/replicas/replica-store.ts';
import type { AuditStore } from './audit-store.ts';
import { rollbackRulesOf } from './rollback-order.ts';
import { type RollbackRule, rollbackRules } from './rollback-rules.ts';
import { settingsOn } from './rollback-settings.ts';
import type { RollbackStore } from './rollback-store.ts';

export interface RollbackCheckDeps {
  audits: Pick<AuditStore, 'everyOrder'>;
  rollbacks: RollbackStore;
  /** The replicas of the service that are known to be there. */
  replicas: readonly Replica[];
  /** The environment of the service. */
  variables: Record<string, string | undefined>;
  signal: AbortSignal;
}

export interface RollbackFinding {
  severity: 'blocks' | 'differs';
  rule: RollbackRule;
  /** How many there are. */
  count: number;
  /** Some of them: names of settings or replicas, or ids. */
  examples: string[];
  meaning: string;
}

/** An operator needs some to look at; there may be millions. */
const maxExamples = 5;

/**
 * What stands in the way of a return to 0.1, and what 0.1 does otherwise, while the service runs. Reads every order, one at a
 * time, as the audit does; all else by an index. Changes nothing.
 */
export async function checkRollback(deps: RollbackCheckDeps): Promise<RollbackFinding[]> {
  const { audits, rollbacks, replicas, variables, signal } = deps;
  const found = new Map<RollbackRule, { count: number; examples: string[] }>();
  const add = (rule: RollbackRule, example: string) => {
    signal.throwIfAborted();
    const { count, examples } = found.get(rule) ?? { count: 0, examples: [] };
    found.set(rule, {
      count: count + 1,
      examples: examples.length < maxExamples ? [...examples, example] : examples,
    });
  };
  for (const name of settingsOn(variables)) add('setting_on', name);
  for (const { host, broker, paused } of replicas) {
    if (paused) add('replica_paused', host);
    if (broker === 'JetStream') add('replica_on_jetstream', host);
  }
  for await (const id of rollbacks.withdrawnTickets()) add('ticket_withdrawn', id);
  for await (const id of rollbacks.deadLettersOf('payment:refunded')) add('refund_message_set_aside', id);
  for await (const order of audits.everyOrder()) {
    signal.throwIfAborted();
    for (const rule of rollbackRulesOf(order)) add(rule, String(order._id));
  }
  return (Object.keys(rollbackRules) as RollbackRule[]).flatMap((rule) => {
    const one = found.get(rule);
    return one ? [{ rule, ...rollbackRules[rule], ...one }] : [];
  });
}
