import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import type { Build } from '../../../dev/builds.ts';
import type { Finding } from '../../../src/audit/audit-order.ts';
import type { StoredOrder } from '../../faults/history/history.ts';
import { newSettings } from './new-settings.ts';

/** Runs the build's `audit` as an operator would. @throws when it ends in another way than by its findings */
export function runAudit({ entry }: Build, mongoUri: string): Finding[] {
  const command = join(dirname(entry), 'commands', 'audit.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, '--json'], {
    env: { PATH: process.env['PATH'], MONGO_URI: mongoUri, ...newSettings },
    encoding: 'utf8',
  });
  if (status !== 0 && status !== 1) throw new Error(`audit ended with ${status}: ${stderr}`);
  const lines = stdout.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Finding);
}

/** What the audit finds apart from the refunds that are open, and the open refunds that it does not find. */
export function auditFlaws(findings: readonly Finding[], orders: readonly StoredOrder[]): string[] {
  const wanted = new Set(
    orders.flatMap(({ id, payments }) =>
      payments.filter(isOpen).map((payment) => `${id} payment ${payment.id} is to be given back`),
    ),
  );
  const found = findings.map(({ subject, detail }) => `${subject} ${detail}`);
  const named = new Set(found.map(untilComma));
  return [
    ...found.filter((text) => !wanted.has(untilComma(text))),
    ...[...wanted].filter((text) => !named.has(text)).map((text) => `${text}, and the audit does not say so`),
  ];
}

const untilComma = (text: string) => text.replace(/,.*/s, '');

/** 0.1 has stored no times: nobody can tell whether its refunds are open. */
function isOpen({ refundDueAt, refundCompletedAt }: StoredOrder['payments'][number]): boolean {
  return refundDueAt !== undefined && refundCompletedAt === undefined;
}
