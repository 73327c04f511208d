import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BrokerConfig } from '../../src/broker-config.ts';
import type { Config } from '../../src/config.ts';
import { atEnd } from './at-end.ts';
import { eventually } from './eventually.ts';
import { onTestedBroker } from './tested-broker.ts';

/** The service as a process of its own. */
export interface ServiceProcess {
  /** Everything that it has printed so far. */
  output(): string;
  /** The lines of its log so far. */
  log(): Record<string, unknown>[];
  /** Resolves once it serves. @throws when it does not within 30 s, with what it has printed */
  url(): Promise<string>;
  /** Resolves once it has a connection to the broker, as its log says. */
  connected(): Promise<void>;
  /** Sends a signal; SIGKILL ends the process at the instruction that it has come to. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, `null` when a signal ended it. */
  exitCode: Promise<number | null>;
}

/** What is run: the arguments of Node, where, and as whom. */
interface Program {
  args: string[];
  cwd?: string;
  uid?: number;
  gid?: number;
}

/** From the source, unless a built one is to be tested: its index.js. */
const built = process.env['TEST_SERVICE'];
const underTest: Program = { args: built ? [built] : ['--import', 'tsx', 'src/index.ts'] };

/** Runs the service with nothing in its environment but what is given. It is killed at the end of the test file. */
export function runService(
  variables: Record<string, string>,
  { args, ...where }: Program = underTest,
): ServiceProcess {
  const child = spawn(process.execPath, args, {
    ...where,
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exitCode = once(child, 'close').then(([code]) => code as number | null);
  atEnd(async () => {
    child.kill('SIGKILL');
    await exitCode;
  });
  return {
    output: () => output,
    log: () =>
      output
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    async url() {
      const port = () => /"port":(\d+)/.exec(output)?.[1];
      await eventually(() => port() !== undefined || child.exitCode !== null, { withinMs: 30_000 });
      if (port() === undefined) throw new Error(`the service did not start:\n${output}`);
      return `http://127.0.0.1:${port()}`;
    },
    connected: () => eventually(() => output.includes('connected to the broker'), { withinMs: 30_000 }),
    kill: (signal) => void child.kill(signal),
    exitCode,
  };
}

/** The environment that makes this configuration. */
export function environmentOf(config: Config): Record<string, string> {
  return {
    PORT: String(config.port),
    ...(config.probesPort !== undefined && { PROBES_PORT: String(config.probesPort) }),
    MAX_REQUESTS_IN_FLIGHT: String(config.maxRequestsInFlight),
    MAX_CONNECTIONS: String(config.maxConnections),
    MAX_CONNECTIONS_PER_ADDRESS: String(config.maxConnectionsPerAddress),
    KEEP_ALIVE_SECONDS: String(config.keepAliveMs / 1_000),
    TRUST_PROXY: [config.trustProxy].flat().join(','),
    ...(config.allowedOrigins && { ALLOWED_ORIGINS: config.allowedOrigins.join(',') }),
    START_TIMEOUT_SECONDS: String(config.startTimeoutMs / 1_000),
    MONGO_URI: config.mongoUri,
    ...brokerEnvironmentOf(onTestedBroker(config)),
    JWT_KEY: config.jwtKey,
    ORDER_HOLD_SECONDS: String(config.orderHoldMs / 1_000),
    ORDER_EXTENSION_SECONDS: String(config.orderExtensionMs / 1_000),
    ORDER_COOLDOWN_SECONDS: String(config.orderCooldownMs / 1_000),
    ORDER_HOLD_LIMIT_SECONDS: String(config.orderHoldLimitMs / 1_000),
    EVENT_SPACING_SECONDS: String(config.eventSpacingMs / 1_000),
    LATE_PAYMENT: config.latePayment,
    REFUND_ALERT_SECONDS: String(config.refundAlertMs / 1_000),
    TICKET_GAP_TIMEOUT_SECONDS: String(config.ticketGapTimeoutMs / 1_000),
    LOG_LEVEL: config.logLevel,
    SHUTDOWN_DELAY_SECONDS: String(config.shutdownDelayMs / 1_000),
    SHUTDOWN_GRACE_SECONDS: String(config.shutdownGraceMs / 1_000),
  };
}

function brokerEnvironmentOf({ nats, jetstream }: BrokerConfig): Record<string, string> {
  if (jetstream) return { JETSTREAM_URL: jetstream.servers.join(',') };
  if (!nats) throw new Error('no broker is configured');
  return { NATS_URL: nats.url, NATS_CLUSTER_ID: nats.clusterId, NATS_CLIENT_ID: nats.clientId };
}
