import { parseArgs } from 'node:util';
import { audit } from '../audit/audit.ts';
import type { Finding } from '../audit/audit-order.ts';
import { createAuditStore } from '../audit/audit-store.ts';
import { orderModel } from '../orders/store/order-model.ts';
import { readRefundConfig } from '../refund-config.ts';
import { createGapStore } from '../tickets/store/gap-store.ts';
import { parkedUpdateModel, ticketModel } from '../tickets/store/ticket-model.ts';
import { withDatabase } from './connections.ts';
import { type CommandContext, runAndExit } from './exit-codes.ts';

const usage = `usage: audit [--json]
  checks a live database against what the contract promises; exits with 1 when a promise is broken`;

/** The operators' audit. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const { args, out, signal } = context;
  const { values } = parseArgs({ args, options: { json: { type: 'boolean', default: false } } });
  const { refundAlertMs } = readRefundConfig(process.env);
  return withDatabase(context, async (database) => {
    const audits = createAuditStore(orderModel(database), ticketModel(database));
    const gaps = createGapStore(ticketModel(database), parkedUpdateModel(database));
    const count = { broken: 0, due: 0 };
    for await (const finding of audit({ audits, gaps, now: new Date(), refundAlertMs })) {
      signal.throwIfAborted();
      count[finding.severity]++;
      await (values.json ? out.json(finding) : out.line(row(finding)));
    }
    if (!values.json) await out.line(`${count.broken} promises broken, ${count.due} things due`);
    return count.broken > 0 ? 1 : 0;
  });
}

function row({ severity, rule, subject, detail }: Finding): string {
  return `${severity.padEnd(6)}  ${rule.padEnd(28)}  ${subject}  ${detail}`;
}

runAndExit(main, usage);
