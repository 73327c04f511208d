import { BadUsage, type CommandContext, runAndExit } from './exit-codes.ts';
import { forgetUser } from './orders-forget.ts';
import { listOrders } from './orders-list.ts';
import { releaseOrders } from './orders-release.ts';
import { checkBeforeRollback } from './orders-rollback.ts';
import { changeSales } from './orders-sale.ts';
import { showOrder } from './orders-show.ts';

const usage = `usage: orders show <id> [--json]
       orders list --user <id> | --ticket <id> | --status <status> | --since <time> [--json | --csv]
       orders release <id>… | --ticket <id>… | --from-file <file>  --reason <text> [--withdraw] [--yes] [--json]
       orders withdraw --ticket <id>… | --from-file <file>  [--yes] [--json]
       orders offer --ticket <id>… | --from-file <file>  [--yes] [--json]
       orders forget --user <id> [--yes] [--json]
       orders rollback-check [--json]
  show      the whole life of an order: its changes, payments and events
  list      orders, newest first; several conditions must all be met
  release   cancels pending and paid orders, named by their ids or by their tickets; the service then sends
            order:cancelled, and order:refund-required for those that were paid
  withdraw  takes tickets from sale: nobody can buy them, and payments for them are given back
  offer     puts withdrawn tickets back
  forget    takes a user's id out of all that is stored
  rollback-check  names what stands in the way of going back to 0.1
  --withdraw   withdraws the tickets first, and looks again until nobody holds them
  --from-file  the ids of tickets, one on each line; - reads them from the standard input
  --yes        does it; without it the command only says what it would do. Run again, it goes on where it ended
Exits with 1 when one of them could not be done.`;

/** The operators' tool for orders. Resolves with the exit code. */
async function main({ args: [command, ...args], ...rest }: CommandContext): Promise<number> {
  const context = { ...rest, args };
  switch (command) {
    case 'show':
      return showOrder(context);
    case 'list':
      return listOrders(context);
    case 'release':
      return releaseOrders(context);
    case 'withdraw':
    case 'offer':
      return changeSales(context, command);
    case 'forget':
      return forgetUser(context);
    case 'rollback-check':
      return checkBeforeRollback(context);
    default:
      throw new BadUsage(command === undefined ? 'a command is missing' : `there is no command ${command}`);
  }
}

runAndExit(main, usage);
