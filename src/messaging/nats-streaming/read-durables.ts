import { z } from 'zod';
import type { DurableLag } from '../durable-lag.ts';

export interface MonitoringAddress {
  /** The server's monitoring endpoint, such as `http://nats-srv:8222`: clients cannot ask for the durables of others. */
  monitoring: string;
  clusterId: string;
}

const pageSize = 1_024;
const responseTimeoutMs = 5_000;

const subscription = z.object({
  client_id: z.string(),
  durable_name: z.string().default(''),
  queue_name: z.string().default(''),
  is_durable: z.boolean(),
  last_sent: z.number(),
  pending_count: z.number(),
});
const channel = z.object({
  name: z.string(),
  first_seq: z.number(),
  last_seq: z.number(),
  subscriptions: z.array(subscription).default([]),
});
/** https://docs.nats.io/legacy/stan/intro/monitoring/endpoints */
const page = z.object({ cluster_id: z.string(), total: z.number(), channels: z.array(channel).default([]) });

/**
 * Reads what the durables of all channels have not handled yet, those included whose members are all away.
 *
 * @throws when the endpoint does not respond within 5 s, is none of NATS Streaming, or belongs to another cluster
 */
export async function readDurables({ monitoring, clusterId }: MonitoringAddress): Promise<DurableLag[]> {
  const lags: DurableLag[] = [];
  for (let offset = 0, total = 1; offset < total; offset += pageSize) {
    const url = `${monitoring.replace(/\/$/, '')}/streaming/channelsz?subs=1&limit=${pageSize}&offset=${offset}`;
    const read = await readPage(url);
    if (read.cluster_id !== clusterId)
      throw new Error(`${monitoring} is of the cluster ${read.cluster_id}, NATS_CLUSTER_ID is ${clusterId}`);
    total = read.total;
    lags.push(...read.channels.flatMap(lagsOf));
  }
  return lags;
}

async function readPage(url: string): Promise<z.infer<typeof page>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(responseTimeoutMs) });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    return page.parse(await response.json());
  } catch (error) {
    const reason = error instanceof Error ? String(error.cause ?? error.message) : String(error);
    throw new Error(
      `${url} cannot be read (${reason}): name the monitoring endpoint of the NATS Streaming server by --monitoring http://host:port; a server has one if it runs with -m 8222`,
      { cause: error },
    );
  }
}

type Channel = z.infer<typeof channel>;

/** The members of a queue group are listed one by one: what the group was sent last is the maximum of theirs. */
function lagsOf({ name: subject, first_seq, last_seq, subscriptions }: Channel): DurableLag[] {
  const durables = new Map<string, { lastSent: number; unacknowledged: number }>();
  for (const { is_durable, client_id, queue_name, durable_name, ...one } of subscriptions) {
    if (!is_durable) continue;
    const durable = queue_name === '' ? `${client_id}:${durable_name}` : queue_name;
    const { lastSent = 0, unacknowledged = 0 } = durables.get(durable) ?? {};
    durables.set(durable, {
      lastSent: Math.max(lastSent, one.last_sent),
      unacknowledged: unacknowledged + one.pending_count,
    });
  }
  return Array.from(durables, ([durable, { lastSent, unacknowledged }]) => ({
    ...{ subject, durable, unacknowledged },
    // What the channel has dropped comes to nobody.
    waiting: Math.max(0, last_seq - Math.max(lastSent, first_seq - 1)),
  }));
}
