import { parseArgs } from 'node:util';
import { BadUsage } from './exit-codes.ts';
import { refuseRepeated } from './given-once.ts';
import { readTargets, type Targets, targetOptions } from './orders-targets.ts';

const maxReasonLength = 500;

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
export async function readReleaseArguments(args: string[]): Promise<ReleaseArguments> {
  const { values, tokens } = parseArgs({
    args,
    allowPositionals: true,
    tokens: true,
    options: {
      ...targetOptions,
      reason: { type: 'string' },
      withdraw: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  refuseRepeated(tokens, '--ticket');
  const targets = await readTargets(tokens, values['from-file']);
  if (targets.ids.length === 0)
    throw new BadUsage('release needs the ids of orders, --ticket <id>… or --from-file <file>');
  if (values.withdraw && targets.kind === 'orders')
    throw new BadUsage('--withdraw takes tickets from sale: name them by --ticket or --from-file');
  const reason = values.reason?.trim() ?? '';
  if (reason === '' || reason.length > maxReasonLength)
    throw new BadUsage(`--reason must say why, in at most ${maxReasonLength} characters`);
  return { targets, reason, withdraws: values.withdraw, isMeant: values.yes, isJson: values.json };
}
