import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { systemClock } from '../platform/time/clock.ts';
import { maxFirstVersion } from '../tickets/domain/ticket.ts';
import { createResetStore } from '../tickets/store/reset-store.ts';
import { parkedUpdateModel, ticketModel } from '../tickets/store/ticket-model.ts';
import { planReset, type ResetDeps, type ResetPlan, resetTicket } from '../tickets/use-cases/reset-ticket.ts';
import { flag, refuseRepeated, requireId, requireReason, text } from './arguments.ts';
import { withDatabase } from './connections.ts';
import { BadUsage, type CommandContext, runAndExit } from './exit-codes.ts';
import { printTo, whileRead } from './output.ts';

const usage = `usage: tickets reset <id> --to-version <n> --reason <text> [--yes] [--json]
  puts the version of a ticket's copy where it was before somebody sent one that is far too high: since then every true
  update is taken for an old one. Without --yes it only says what would be changed. Title and price stay as they are until
  the next version comes, so choose the version before the last one that the tickets service can send again.
  Orders keep the ticket as it was when they were placed.`;

/** The operators' tool for copies of tickets. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const { args, out, log } = context;
  const { isJson, ...request } = readArguments(args);
  const print = printTo(whileRead(out), { isJson });
  return withDatabase(context, async (database) => {
    const resets = createResetStore(ticketModel(database), parkedUpdateModel(database));
    const { kind, says, ...facts } = await reset({ resets, clock: systemClock, log }, request);
    const { ticketId } = request;
    await print({ ticketId, kind, ...facts }, [`${ticketId}  ${says}`]);
    return kind === 'not_found' || kind === 'conflict' ? 1 : 0;
  });
}

interface Outcome extends Partial<ResetPlan> {
  kind: 'not_found' | 'planned' | 'unchanged' | 'reset' | 'conflict';
  /** For people. */
  says: string;
}

async function reset(
  { log, ...deps }: ResetDeps & { log: Logger },
  { ticketId, to, reason, isMeant }: Omit<ReturnType<typeof readArguments>, 'isJson'>,
): Promise<Outcome> {
  const plan = await planReset(deps, ticketId, to);
  if (!plan) return { kind: 'not_found', says: 'there is no copy of this ticket' };
  const { from, resetsBefore } = plan;
  const changes = changesOf(plan);
  if (!isMeant)
    return { kind: 'planned', ...plan, says: `would be reset ${changes}. Nothing is changed without --yes` };
  if (!(await resetTicket(deps, plan, reason)))
    return { kind: 'conflict', ...plan, says: `is no longer at version ${from}: nothing is changed` };
  if (from === to) return { kind: 'unchanged', ...plan, says: `is at version ${to} already` };
  log.warn({ ticketId, from, to, reason }, 'an operator has reset a ticket');
  return {
    kind: 'reset',
    ...plan,
    says: `reset ${changes}. It is reset number ${resetsBefore + 1} of this ticket`,
  };
}

function changesOf({ from, to, title, price, parked }: ResetPlan): string {
  const forgotten = `${parked.useless} parked updates are forgotten, ${parked.left} are left`;
  return `from version ${from} to ${to}; title ${JSON.stringify(title)} and price ${price} stay; ${forgotten}`;
}

function readArguments(args: string[]) {
  const { values, positionals, tokens } = parseArgs({
    args,
    allowPositionals: true,
    tokens: true,
    options: { 'to-version': text, reason: text, yes: flag, json: flag },
  });
  refuseRepeated(tokens);
  const [command, given, ...more] = positionals;
  if (command !== 'reset') {
    throw new BadUsage(command ? `there is no command ${command}` : 'a command is missing');
  }
  if (given === undefined || more.length > 0) throw new BadUsage('reset needs the id of one ticket');
  const ticketId = requireId(given);
  const version = values['to-version'] ?? '';
  const to = /^\d{1,10}$/.test(version) ? Number(version) : Number.NaN;
  if (!(to <= maxFirstVersion)) {
    throw new BadUsage(`--to-version must be a whole number from 0 to ${maxFirstVersion}`);
  }
  const reason = requireReason('--reason must say why', values.reason);
  return { ticketId, to, reason, isMeant: values.yes, isJson: values.json };
}

runAndExit(main, usage);
