import { accessSync, constants } from 'node:fs';
import { z } from 'zod';
import { readServerUrls, type ServerAddresses } from './messaging/jetstream/server-urls.ts';
import { readServerUrl, serverUrlForm } from './messaging/nats-server-url.ts';
import { parsed, readVariables, text, type Variables, whole } from './platform/process/environment.ts';

/** The broker that the environment names: exactly one of the two. */
export interface BrokerConfig {
  nats?: NatsStreamingConfig;
  jetstream?: JetStreamConfig;
}

export interface NatsStreamingConfig {
  url: string;
  clusterId: string;
  clientId: string;
}

interface JetStreamConfig extends ServerAddresses {
  /** The path of a file with a user's credentials. */
  credsFile?: string | undefined;
  /** The path of a file with the certificates of the servers' authority. */
  caFile?: string | undefined;
  /** On how many servers each message is stored. */
  replicas: number;
}

const identifier = /^[A-Za-z0-9_-]{1,255}$/;

const natsStreaming = z.object({
  NATS_URL: parsed(
    `the URL of one NATS Streaming server, ${serverUrlForm}; for JetStream, JETSTREAM_URL is set instead`,
    readServerUrl,
  ),
  NATS_CLUSTER_ID: text("the NATS Streaming cluster's ID: letters, digits, - and _", identifier),
  NATS_CLIENT_ID: text('unique among live processes: letters, digits, - and _', identifier),
});
const notBesideNats = unset('belongs to JETSTREAM_URL, which is not set');
const natsStreamingOnly = { JETSTREAM_CREDS_FILE: notBesideNats, JETSTREAM_CA_FILE: notBesideNats };

const readableFile = parsed('the path of a file that this process can read', (path) => {
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch {
    // Whatever the reason is, the file is of no use.
    return undefined;
  }
});
const notBesideJetStream = unset(
  'must not be set beside JETSTREAM_URL: the service uses one broker. To use JetStream, unset NATS_URL, NATS_CLUSTER_ID and NATS_CLIENT_ID; to stay on NATS Streaming, unset JETSTREAM_URL (docs/operations.md, "JetStream")',
);
const jetStream = z.object({
  JETSTREAM_URL: parsed(
    `the URLs of one or more servers with JetStream, separated by commas, with one login: ${serverUrlForm}`,
    readServerUrls,
  ),
  JETSTREAM_CREDS_FILE: readableFile.optional(),
  JETSTREAM_CA_FILE: readableFile.optional(),
  JETSTREAM_REPLICAS: whole(1, 5, 1, ' servers'),
  ...{
    NATS_URL: notBesideJetStream,
    NATS_CLUSTER_ID: notBesideJetStream,
    NATS_CLIENT_ID: notBesideJetStream,
  },
});

function unset(rule: string) {
  return z.undefined(rule).optional();
}

/** Reads the broker of a service; which one it is depends on the variables that are given. */
export function brokerSchema({ JETSTREAM_URL }: Variables): z.ZodType<BrokerConfig> {
  return JETSTREAM_URL
    ? jetStream.transform(toJetStream)
    : natsStreaming.extend(natsStreamingOnly).transform(({ NATS_CLIENT_ID: clientId, ...values }) => ({
        nats: { ...toNatsStreaming(values), clientId },
      }));
}

/**
 * What a command needs that publishes or replays. The client id is the command's own.
 *
 * @throws BadConfig
 */
export function readBrokerConfig(variables: Variables, clientId: string): BrokerConfig {
  if (variables['JETSTREAM_URL']) return toJetStream(readVariables(jetStream, variables));
  const values = readVariables(natsStreaming.omit({ NATS_CLIENT_ID: true }), variables);
  return { nats: { ...toNatsStreaming(values), clientId } };
}

function toNatsStreaming(values: Pick<z.infer<typeof natsStreaming>, 'NATS_URL' | 'NATS_CLUSTER_ID'>) {
  return { url: values.NATS_URL, clusterId: values.NATS_CLUSTER_ID };
}

function toJetStream(values: z.infer<typeof jetStream>): BrokerConfig {
  return {
    jetstream: {
      ...values.JETSTREAM_URL,
      credsFile: values.JETSTREAM_CREDS_FILE,
      caFile: values.JETSTREAM_CA_FILE,
      replicas: values.JETSTREAM_REPLICAS,
    },
  };
}
