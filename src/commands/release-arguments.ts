import { parseArgs } from 'node:util';
import { flag, refuseRepeated, requireReason, text } from './arguments.ts';
import { BadUsage, type CommandContext } from './exit-codes.ts';
import { readTargets, type Targets, targetOptions } from './orders-targets.ts';

/** What a command line asks to be released. */
export interface ReleaseArguments {
  targets: Targets;
  reason: string;
  /** Whether the tickets are taken from sale first. */
  withdraws: boolean;
  isMeant: boolean;
  isJson: boolean;
}

/** @throws BadUsage, or an error of the parser, that names what is wrong and what would be right */
export async function readReleaseArguments({
  args,
  signal,
}: Pick<CommandContext, 'args' | 'signal'>): Promise<ReleaseArguments> {
  const options = { ...targetOptions, reason: text, withdraw: flag, yes: flag, json: flag };
  const { values, tokens } = parseArgs({ args, allowPositionals: true, tokens: true, options });
  refuseRepeated(tokens, '--ticket');
  const targets = await readTargets(tokens, values['from-file'], signal);
  if (targets.ids.length === 0)
    throw new BadUsage('release needs the ids of orders, --ticket <id>… or --from-file <file>');
  if (values.withdraw && targets.kind === 'orders')
    throw new BadUsage('--withdraw takes tickets from sale: name them by --ticket or --from-file');
  const reason = requireReason('--reason must say why', values.reason);
  return { targets, reason, withdraws: values.withdraw, isMeant: values.yes, isJson: values.json };
}
