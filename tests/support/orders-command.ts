import { type CommandRun, type RunningCommand, startCommand } from './command-run.ts';

/** Starts `orders`, as `startCommand` does. */
export function startOrdersCommand(variables: Record<string, string>, ...args: string[]): RunningCommand {
  return startCommand(variables, 'orders', ...args);
}

/** Runs `orders` on a database to its end. */
export function runOrders(mongoUri: string, ...args: string[]): Promise<CommandRun> {
  return startOrdersCommand({ MONGO_URI: mongoUri }, ...args).ended;
}

/** The same of `refunds`. */
export function runRefunds(mongoUri: string, ...args: string[]): Promise<CommandRun> {
  return startCommand({ MONGO_URI: mongoUri }, 'refunds', ...args).ended;
}
