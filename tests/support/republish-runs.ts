import { commandVariables, startCommand } from './command-run.ts';
import { pastOrders } from './past-orders.ts';
import { connectPeer, openDatabase, testConfig } from './running-service.ts';

/** The time that the tests of `republish` send from. */
export const since = '2026-01-01T00:00:00Z';
/** A moment of the past, so that the end of the time is what the test says. */
export const at = (seconds: number) => new Date(Date.parse(since) + seconds * 1_000);

export type RepublishRuns = Awaited<ReturnType<typeof startRepublishRuns>>;

/** What `republish` is tried on: a database, a peer, and what runs the command. */
export async function startRepublishRuns() {
  const config = testConfig();
  const database = await openDatabase(config);
  const peer = await connectPeer(config);
  const variables = commandVariables(config);
  return {
    config,
    variables,
    database,
    peer,
    past: pastOrders(database),

    /** No orders, and nothing seen. */
    async reset(): Promise<void> {
      await database.collection('orders').deleteMany({});
      peer.seen.length = 0;
    },

    /** The peer in this process reads on meanwhile. */
    run: (...args: string[]) => startCommand(variables, 'republish', ...args).ended,

    /** With other variables beside. */
    runWith: (others: Record<string, string>, ...args: string[]) =>
      startCommand({ ...variables, ...others }, 'republish', ...args).ended,

    /** What came again of these orders, and in which order, by the broker's clock. */
    seenOf: (...ids: string[]) =>
      peer.seen
        .filter(({ data }) => ids.includes(String(data['id'])) || ids.includes(String(data['orderId'])))
        .sort((one, other) => one.at - other.at),
  };
}
