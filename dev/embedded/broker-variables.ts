import type { BrokerAddress } from './embedded-server.ts';

/** The service's settings that name a broker. NATS Streaming also wants a `NATS_CLIENT_ID`, each process its own. */
export function brokerVariables(address: BrokerAddress): Record<string, string> {
  if (address.clusterId !== undefined) return { NATS_URL: address.url, NATS_CLUSTER_ID: address.clusterId };
  const { url, credsFile, caFile } = address;
  return {
    JETSTREAM_URL: url,
    ...(credsFile !== undefined && { JETSTREAM_CREDS_FILE: credsFile }),
    ...(caFile !== undefined && { JETSTREAM_CA_FILE: caFile }),
  };
}
