import type { BrokerConfig } from './broker-config.ts';
import type { DurableLag } from './messaging/durable-lag.ts';

/** Where NATS Streaming's monitoring is, unless the operator says otherwise: the port that its documentation has. */
const monitoringPort = 8222;

export interface DurablesSource extends Pick<BrokerConfig, 'nats' | 'jetstream'> {
  /** The URL of the monitoring endpoint of NATS Streaming. Absent: port 8222 of its server. */
  monitoring?: string | undefined;
  signal: AbortSignal;
}

/**
 * Reads what the durables on the configured broker have not handled yet.
 *
 * @throws when the broker cannot be asked, with what to do
 */
export async function readDurables({
  nats,
  jetstream,
  monitoring,
  signal,
}: DurablesSource): Promise<DurableLag[]> {
  if (jetstream) {
    const adapter = await import('./messaging/jetstream/read-durables.ts');
    return adapter.readDurables(jetstream, signal);
  }
  if (!nats) throw new Error('no broker is configured');
  const adapter = await import('./messaging/nats-streaming/read-durables.ts');
  const { clusterId, url } = nats;
  return adapter.readDurables({ clusterId, monitoring: monitoring ?? monitoringOf(url) });
}

function monitoringOf(serverUrl: string): string {
  return `http://${new URL(serverUrl).hostname}:${monitoringPort}`;
}
