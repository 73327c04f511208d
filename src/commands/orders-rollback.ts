import { parseArgs } from 'node:util';
import { createAuditStore } from '../audit/audit-store.ts';
import { checkRollback, type RollbackFinding } from '../audit/rollback-check.ts';
import { createRollbackStore } from '../audit/rollback-store.ts';
import { deadLetterModel } from '../messaging/dead-letters/dead-letter-model.ts';
import { replicaModel } from '../messaging/replicas/replica-model.ts';
import { createReplicaStore } from '../messaging/replicas/replica-store.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { ticketModel } from '../tickets/store/ticket-model.ts';
import { flag } from './arguments.ts';
import { withDatabase } from './connections.ts';
import type { CommandContext } from './exit-codes.ts';
import { printTo } from './output.ts';

/** Names what stands in the way of a return to 0.1. Resolves with the exit code: 1 when something does. */
export async function checkBeforeRollback(context: CommandContext): Promise<number> {
  const { args, out, signal } = context;
  const { values } = parseArgs({ args, options: { json: flag } });
  const print = printTo(out, { isJson: values.json });
  return withDatabase(context, async (database) => {
    const findings = await checkRollback({
      audits: createAuditStore(orderModel(database), ticketModel(database)),
      rollbacks: createRollbackStore(ticketModel(database), deadLetterModel(database)),
      replicas: await createReplicaStore(replicaModel(database)).present(),
      variables: process.env,
      signal,
    });
    for (const finding of findings) await print(finding, [row(finding)]);
    const blocking = findings.filter(({ severity }) => severity === 'blocks');
    if (!values.json)
      await out.line(
        blocking.length > 0
          ? `${blocking.length} things stand in the way of going back to 0.1`
          : 'nothing that is stored stands in the way of going back to 0.1',
      );
    return blocking.length > 0 ? 1 : 0;
  });
}

function row({ severity, rule, count, examples, meaning }: RollbackFinding): string {
  const named = `${examples.join(', ')}${count > examples.length ? ', …' : ''}`;
  return `${severity.padEnd(7)}  ${rule.padEnd(24)}  ${String(count).padStart(7)}  ${meaning} (${named})`;
}
