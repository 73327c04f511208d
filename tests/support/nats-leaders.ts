/** Which servers lead a cluster; a name is missing where no server that responds knows a leader. */
export interface ClusterLeaders {
  /** Of the cluster as a whole: it places streams and consumers. */
  meta: string | undefined;
  /** Of each stream, by its name. */
  streams: Map<string, string>;
}

/** What is read of https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#jetstream-information-jsz */
interface JetStreamState {
  meta_cluster?: { leader?: string };
  account_details?: { stream_detail?: { name: string; cluster?: { leader?: string } }[] }[];
}

const respondsWithinMs = 1_000;

/** Asks every server; one that is frozen or dead does not respond, and one that is cut off knows no leader. */
export async function clusterLeaders(servers: { monitorPort: number }[]): Promise<ClusterLeaders> {
  const states = await Promise.all(servers.map(readState));
  const streams = new Map<string, string>();
  for (const { name, cluster } of states.flatMap(streamsOf)) {
    if (cluster?.leader) streams.set(name, cluster.leader);
  }
  return { meta: states.map((state) => state?.meta_cluster?.leader).find(Boolean), streams };
}

function streamsOf(state: JetStreamState | undefined) {
  return (state?.account_details ?? []).flatMap(({ stream_detail }) => stream_detail ?? []);
}

async function readState({ monitorPort }: { monitorPort: number }): Promise<JetStreamState | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${monitorPort}/jsz?streams=true`, {
      signal: AbortSignal.timeout(respondsWithinMs),
    });
    return (await answer.json()) as JetStreamState;
  } catch {
    // It is away; the others know as much.
    return undefined;
  }
}
