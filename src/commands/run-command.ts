import type { Logger } from 'pino';
import { BadConfig } from '../config.ts';
import { createLog } from '../platform/logging/log.ts';
import { createLogDestination } from '../platform/logging/log-destination.ts';
import { createOutput, type Output, OutputClosed } from './output.ts';

/** Says what is wrong with the command line, and what would be right. */
export class BadUsage extends Error {}

/** What a command is given; all that it prints goes through these. */
export interface CommandContext {
  args: string[];
  /** Standard output. */
  out: Output;
  /** Standard error. */
  problems: Output;
  /** Warnings and errors, on standard error. */
  log: Logger;
}

/**
 * Runs an operators' command with the process's arguments; `main` resolves with the exit code. `--help` prints the
 * usage; so does a wrong command line, which exits with 2, any other failure with 1. When whoever reads the output goes
 * away, then the command ends with 0, without a word.
 */
export function runCommand(main: (context: CommandContext) => Promise<number>, usage: string): void {
  const out = createOutput(process.stdout);
  const problems = createOutput(process.stderr);
  const log = createLog('warn', createLogDestination(process.stderr));
  const context = { args: process.argv.slice(2), out, problems, log };
  const run = async () => {
    const isHelp = context.args.includes('--help') || context.args.includes('-h');
    return isHelp ? printLines(out, usage).then(() => 0) : main(context);
  };
  void run()
    .catch((error: unknown) => failed(problems, error, usage))
    .then((code) => {
      process.exitCode = code;
    });
}

/** Says what went wrong, if anybody reads it. Resolves with the exit code. */
async function failed(problems: Output, error: unknown, usage: string): Promise<number> {
  if (error instanceof OutputClosed) return 0;
  const { code } = error as { code?: unknown };
  const isUsage = error instanceof BadUsage || String(code).startsWith('ERR_PARSE_ARGS');
  try {
    if (error instanceof BadConfig) await printLines(problems, error.message);
    else await problems.line(isUsage ? (error as Error).message : String(error));
    if (isUsage) await printLines(problems, usage);
  } catch (unheard) {
    if (!(unheard instanceof OutputClosed)) throw unheard;
  }
  return isUsage ? 2 : 1;
}

/** A text of this program's own, whose line breaks are meant. */
async function printLines(output: Output, text: string): Promise<void> {
  for (const line of text.split('\n')) await output.line(line);
}
