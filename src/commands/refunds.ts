import { type CommandContext, runAndExit } from './exit-codes.ts';
import { readArguments, usage } from './refunds-arguments.ts';
import { completeByHand } from './refunds-done.ts';
import { listRefunds } from './refunds-list.ts';
import { remind } from './refunds-remind.ts';

/** The operators' tool for payments that are to be given back. Resolves with the exit code. */
async function main(context: CommandContext): Promise<number> {
  const request = readArguments(context.args);
  switch (request.command) {
    case 'list':
      return listRefunds(context, request);
    case 'remind':
      return remind(context, request);
    case 'done':
      return completeByHand(context, request);
  }
}

runAndExit(main, usage);
