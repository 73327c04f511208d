import { parseArgs } from 'node:util';
import { audit } from '../audit/audit.ts';
import type { Finding } from '../audit/audit-order.ts';
import { createAuditStore } from '../audit/audit-store.ts';
import { readRefundConfig } from '../command-config.ts';
import { replicaModel } from '../messaging/replicas/replica-model.ts';
import { createReplicaStore } from '../messaging/replicas/replica-store.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { createGapStore } from '../tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from '../tickets/store/ticket-model.ts';
import { flag } from './arguments.ts';
import { withDatabase } from './connections.ts';
import { type CommandContext, runAndExit } from './exit-codes.ts';
import { printTo } from './output.ts';

const usage = `usage: audit [--json]
  checks a live database against what the contract promises; exits with 1 when a promise is broken`;

/** The operators' audit. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const { args, out, signal } = context;
  const { values } = parseArgs({ args, options: { json: flag } });
  const print = printTo(out, { isJson: values.json });
  const { refundAlertMs } = readRefundConfig(process.env);
  return withDatabase(context, async (database) => {
    const audits = createAuditStore(orderModel(database), ticketModel(database));
    const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
    const replicas = await createReplicaStore(replicaModel(database)).present();
    const count = { broken: 0, due: 0 };
    for await (const finding of audit({ audits, gaps, replicas, now: new Date(), refundAlertMs })) {
      signal.throwIfAborted();
      count[finding.severity]++;
      await print(finding, [row(finding)]);
    }
    if (!values.json) await out.line(`${count.broken} promises broken, ${count.due} things due`);
    return count.broken > 0 ? 1 : 0;
  });
}

function row({ severity, rule, subject, detail }: Finding): string {
  return `${severity.padEnd(6)}  ${rule.padEnd(28)}  ${subject}  ${detail}`;
}

runAndExit(main, usage);
