import { constants } from 'node:os';
import type { Logger } from 'pino';
import { createLog } from '../platform/logging/log.ts';
import { createLogDestination } from '../platform/logging/log-destination.ts';
import { BadConfig } from '../platform/process/environment.ts';
import { shutdownSignal } from '../shutdown.ts';
import { createOutput, type Output, OutputClosed, whileRead } from './output.ts';

/** With what a command exits that has not done what it was asked; 0 is for the others. */
const exitCodes = { failed: 1, badUsage: 2 };

/** The code of a process that a signal has ended, as shells have it. */
const exitCodeOf = (signal: AbortSignal) => 128 + constants.signals[signal.reason as NodeJS.Signals];

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
  /** Aborts on SIGTERM or SIGINT. A command then finishes its current step and throws. */
  signal: AbortSignal;
}

/**
 * Runs an operators' command with the process's arguments; `main` resolves with the exit code. `--help` prints the
 * usage. A wrong command line prints it, too, and exits with 2. After SIGTERM or SIGINT the command exits with 143 or 130, as
 * shells report it; after any other failure with 1. When the reader closes the output, the command exits with 0.
 */
export function runAndExit(main: (context: CommandContext) => Promise<number>, usage: string): void {
  const out = createOutput(process.stdout);
  const problems = createOutput(process.stderr);
  const log = createLog('warn', createLogDestination(process.stderr));
  const context = { args: process.argv.slice(2), out, problems, log, signal: shutdownSignal() };
  const run = async () => {
    const isHelp = context.args.includes('--help') || context.args.includes('-h');
    if (!isHelp) return main(context);
    for (const line of usage.split('\n')) await out.line(line);
    return 0;
  };
  void run()
    .catch((error: unknown) =>
      context.signal.aborted ? exitCodeOf(context.signal) : failed(problems, error, usage),
    )
    .then((code) => {
      process.exitCode = code;
    });
}

/** Prints what went wrong, if anybody reads it. Resolves with the exit code. */
async function failed(problems: Output, error: unknown, usage: string): Promise<number> {
  if (error instanceof OutputClosed) return 0;
  const { code } = error as { code?: unknown };
  const isUsage = error instanceof BadUsage || String(code).startsWith('ERR_PARSE_ARGS');
  let lines = [String(error)];
  // Line breaks of this program's own are meant; all others are escaped.
  if (error instanceof BadConfig) lines = error.message.split('\n');
  if (isUsage) lines = [(error as Error).message, ...usage.split('\n')];
  for (const line of lines) await whileRead(problems).line(line);
  return isUsage ? exitCodes.badUsage : exitCodes.failed;
}
