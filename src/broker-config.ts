import { accessSync, constants } from 'node:fs';
import { z } from 'zod';
import { readServerUrls, type ServerAddresses } from './messaging/jetstream/server-urls.ts';
import { readServerUrl, serverUrlForm } from './messaging/nats-server-url.ts';
import { parsed, readVariables, text, type Variables, whole } from './platform/process/environment.ts';

/** The broker that the environment names: exactly one of the two. */
export interface BrokerConfig {
  nats?: NatsStreamingConfig;
  jetstream?: JetStreamConfig;
  /** Nothing is published: events wait in the outboxes. What comes is received as ever. */
  brokerPaused?: boolean;
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

const paused = {
  BROKER_PAUSED: z.enum(['true', 'false'], 'must be true or false').default('false'),
};

const natsStreaming = z.object({
  ...paused,
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
  ...paused,
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
export function brokerSchema({ JETSTREAM_URL }: Variables): z.ZodType<{ broker: BrokerConfig }> {
  return JETSTREAM_URL
    ? jetStream.transform((values) => ({ broker: toJetStream(values) }))
    : natsStreaming
        .extend(natsStreamingOnly)
        .transform((values) => ({ broker: toNatsStreaming(values, values.NATS_CLIENT_ID) }));
}

/**
 * What a command needs that publishes, replays or looks at the broker. The client id is the command's own.
 *
 * @throws BadConfig
 */
export function readBrokerConfig(variables: Variables, clientId: string): BrokerConfig {
  return variables['JETSTREAM_URL']
    ? toJetStream(readVariables(jetStream, variables))
    : toNatsStreaming(readVariables(natsStreaming.omit({ NATS_CLIENT_ID: true }), variables), clientId);
}

type NatsStreamingValues = Omit<z.infer<typeof natsStreaming>, 'NATS_CLIENT_ID'>;

function toNatsStreaming(values: NatsStreamingValues, clientId: string): BrokerConfig {
  const { NATS_URL: url, NATS_CLUSTER_ID: clusterId, BROKER_PAUSED } = values;
  return { nats: { url, clusterId, clientId }, ...toPaused(BROKER_PAUSED) };
}

function toJetStream({ BROKER_PAUSED, ...values }: z.infer<typeof jetStream>): BrokerConfig {
  return {
    jetstream: {
      ...values.JETSTREAM_URL,
      credsFile: values.JETSTREAM_CREDS_FILE,
      caFile: values.JETSTREAM_CA_FILE,
      replicas: values.JETSTREAM_REPLICAS,
    },
    ...toPaused(BROKER_PAUSED),
  };
}

function toPaused(given: 'true' | 'false'): Pick<BrokerConfig, 'brokerPaused'> {
  return given === 'true' ? { brokerPaused: true } : {};
}
