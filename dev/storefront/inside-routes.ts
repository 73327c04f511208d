import type { Express, Request } from 'express';
import type { Feed } from './feed.ts';
import type { ShopTickets } from './market-routes.ts';
import type { Outage } from './outage.ts';
import type { ReplicaReader } from './replica-reader.ts';

export interface InsideDeps {
  feed: Feed;
  outage: Outage;
  replicas: ReplicaReader;
  tickets: ShopTickets;
}

const outageMs = 10_000;
const lateByMs = 4_000;

/** For the page `/inside`: the versions of tickets and replicas, and ways to cause trouble. */
export function insideRoutes({ feed, outage, replicas, tickets }: InsideDeps): (app: Express) => void {
  const troubles: Record<string, (ticketId: string) => void | Promise<void>> = {
    'in-order': (ticketId) => tickets.update(ticketId),
    'out-of-order': (ticketId) => tickets.updateOutOfOrder(ticketId, lateByMs),
    twice: (ticketId) => tickets.updateTwice(ticketId),
    malformed: (ticketId) => tickets.updateMalformed(ticketId),
  };

  return (app) => {
    app.get('/inside/state', async (_req, res) => {
      const { versions, parked, deadLetters } = await replicas.read();
      const rows = (await tickets.list()).map(({ id, title, version }) => ({
        id,
        title,
        version,
        replicaVersion: versions.get(id) ?? null,
        parked: parked.get(id) ?? [],
      }));
      const broker = {
        description: outage.broker,
        connected: feed.broker.isConnected(),
        canBeStopped: outage.isPossible,
        backAt: outage.until() ?? null,
      };
      res.json({ tickets: rows, deadLetters, broker });
    });

    app.post(
      '/inside/tickets/:ticketId/:trouble',
      async (req: Request<{ ticketId: string; trouble: string }>, res) => {
        const cause = Object.hasOwn(troubles, req.params.trouble) ? troubles[req.params.trouble] : undefined;
        if (!cause || !(await tickets.find(req.params.ticketId))) {
          const known = Object.keys(troubles).join(', ');
          res.status(404).json({ errors: [{ message: `There is no such ticket, or none of: ${known}` }] });
          return;
        }
        await cause(req.params.ticketId);
        res.status(202).json({});
      },
    );

    app.post('/inside/outage', (_req, res) => {
      if (!outage.isPossible) {
        res.status(409).json({ errors: [{ message: 'This broker was not started by the demo' }] });
        return;
      }
      outage.begin(outageMs);
      res.status(202).json({ backAt: outage.until() ?? null });
    });
  };
}
