import { isIP } from 'node:net';
import { z } from 'zod';
import { type BrokerConfig, brokerSchema } from './broker-config.ts';
import { type HoldConfig, holdSchema, maxSeconds } from './hold-config.ts';
import { type LatePaymentPolicy, latePaymentPolicies } from './orders/domain/order.ts';
import { readStatusNames, type StatusNames } from './orders/domain/status-names.ts';
import { type ListSort, listSorts } from './orders/use-cases/list-orders.ts';
import { knownPeers, type Peers, withPeerPreset } from './peer-presets.ts';
import { originList, readOrigins } from './platform/http/cross-site.ts';
import { readTrustedProxies, type TrustedProxies, trustedProxies } from './platform/http/trusted-proxies.ts';
import { readConnectionString } from './platform/mongo/connection-string.ts';
import {
  field,
  parsed,
  readVariables,
  text,
  type Variables,
  whole,
  wholeNumber,
} from './platform/process/environment.ts';

/** Everything that the environment decides. Durations are in milliseconds. */
export interface Config extends BrokerConfig, HoldConfig {
  port: number;
  /** Where probes and metrics are served; undefined: on `port`. */
  probesPort?: number;
  /** The one address that both are listened on; undefined: every address of the machine. */
  listenAddress?: string;
  /** Past this many a request is answered 503 `overloaded`. */
  maxRequestsInFlight: number;
  /** Past this many a connection is closed as soon as it is opened. */
  maxConnections: number;
  /** The same for the connections of one address, unless it is a trusted proxy; 0 for no limit. */
  maxConnectionsPerAddress: number;
  /** How long a connection is kept between two requests. */
  keepAliveMs: number;
  /** How long the start waits for the database. */
  startTimeoutMs: number;
  mongoUri: string;
  jwtKey: string;
  /** Still accepted while the key is rotated. */
  jwtKeyPrevious?: string;
  /**
   * An order's next `order:created`, `order:cancelled` or `order:paid` leaves no sooner than this after the broker has
   * acknowledged the one before. 0: at once.
   */
  eventSpacingMs: number;
  /** What becomes of a payment for an order that has expired. */
  latePayment: LatePaymentPolicy;
  /**
   * A refund counts as overdue when it was asked for this long ago, and nobody told that the money was given back. 0: none
   * ever is, since the payments service does not tell.
   */
  refundAlertMs: number;
  /** 0: a gap in a ticket's versions is never closed without the missing ones. */
  ticketGapTimeoutMs: number;
  /** How many purchases a user, or an address that is not signed in, may ask for in a minute; 0 for no limit. */
  rateLimitPerMinute: number;
  /** How many orders of one user may await payment at a time; 0 for no limit. */
  maxPendingOrdersPerUser: number;
  /** The sort of order lists for which the request names none. */
  listSort: ListSort;
  /** The proxies that are trusted to report the client's address: a number of hops, or networks. */
  trustProxy: TrustedProxies;
  /** The origins of other sites that may send what a form can send. */
  allowedOrigins?: string[];
  /** The services around this one; undefined: they speak as the contract does. */
  peers?: Peers;
  /** What the statuses are called outside; undefined: by our own words. */
  statusNames?: StatusNames;
  logLevel: (typeof logLevels)[number];
  /** How long a draining service still takes new connections, until load balancers have noticed. */
  shutdownDelayMs: number;
  /** How long it then has to finish its work. */
  shutdownGraceMs: number;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** The variables of a service, without those of its holds and its broker. */
export const environment = z.object({
  PORT: whole(0, 65_535, 3000, ''),
  PROBES_PORT: wholeNumber(0, 65_535, '').optional(),
  // Not HOST, which some shells set to the machine's name.
  LISTEN_ADDRESS: parsed('an IP address of this machine', (given) =>
    isIP(given) ? given : undefined,
  ).optional(),
  // Why so many: docs/scaling.md, "More buyers than it can serve".
  MAX_REQUESTS_IN_FLIGHT: whole(1, 100_000, 512, ' requests'),
  MAX_CONNECTIONS: whole(1, 1_000_000, 12_000, ' connections'),
  MAX_CONNECTIONS_PER_ADDRESS: whole(0, 1_000_000, 0, ' connections'),
  // Longer than ingress-nginx keeps its own (60 s).
  KEEP_ALIVE_SECONDS: whole(5, 3_600, 65, ' seconds'),
  START_TIMEOUT_SECONDS: whole(1, 3_600, 30, ' seconds'),
  MONGO_URI: field('a MongoDB connection string', (given) => {
    const read = readConnectionString(given);
    return 'uri' in read ? { value: read.uri } : read;
  }),
  JWT_KEY: text('the secret that the auth service signs sessions with', /./),
  // Longer than any AckWait that consumers are known to use.
  EVENT_SPACING_SECONDS: whole(0, 300, 0, ' seconds'),
  LATE_PAYMENT: z
    .enum(latePaymentPolicies, `must be one of ${latePaymentPolicies.join(', ')}`)
    .default('hold_again'),
  TICKET_GAP_TIMEOUT_SECONDS: whole(0, maxSeconds, 600, ' seconds'),
  JWT_KEY_PREVIOUS: text('the secret that sessions were signed with before', /./).optional(),
  RATE_LIMIT_PER_MINUTE: whole(0, 1_000_000, 0, ' purchases'),
  MAX_PENDING_ORDERS_PER_USER: whole(0, 100, 0, ' orders'),
  LIST_SORT: z.enum(listSorts, `must be one of ${listSorts.join(', ')}`).default(listSorts[0]),
  TRUST_PROXY: parsed(trustedProxies, readTrustedProxies).prefault('0'),
  ALLOWED_ORIGINS: parsed(originList, readOrigins).optional(),
  PEERS: z.enum(knownPeers, `must be ${knownPeers.join(' or ')}, or left out`).optional(),
  STATUS_NAMES: field('names of statuses', readStatusNames).optional(),
  // A year: whoever gives nothing back within it does not want the alert.
  REFUND_ALERT_SECONDS: whole(0, 31_536_000, 0, ' seconds'),
  SHUTDOWN_DELAY_SECONDS: whole(0, 3_600, 5, ' seconds'),
  SHUTDOWN_GRACE_SECONDS: whole(1, 3_600, 25, ' seconds'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

const serving = environment.refine(
  // Port 0 is any free one.
  ({ PORT, PROBES_PORT }) => PROBES_PORT === 0 || PROBES_PORT !== PORT,
  // Reported together with all other errors.
  { path: ['PROBES_PORT'], error: 'must be another port than PORT', when: () => true },
);

/**
 * Reads the configuration from environment variables; an empty one counts as missing.
 *
 * @throws BadConfig with every problem at once
 */
export function readConfig(variables: Variables): Config {
  const given = withPeerPreset(variables);
  const schema = z.intersection(z.intersection(serving, holdSchema), brokerSchema(given));
  const { broker, holds, ...values } = readVariables(schema, given);
  return {
    port: values.PORT,
    ...(values.PROBES_PORT !== undefined && { probesPort: values.PROBES_PORT }),
    ...(values.LISTEN_ADDRESS !== undefined && { listenAddress: values.LISTEN_ADDRESS }),
    maxRequestsInFlight: values.MAX_REQUESTS_IN_FLIGHT,
    maxConnections: values.MAX_CONNECTIONS,
    maxConnectionsPerAddress: values.MAX_CONNECTIONS_PER_ADDRESS,
    keepAliveMs: values.KEEP_ALIVE_SECONDS * 1_000,
    startTimeoutMs: values.START_TIMEOUT_SECONDS * 1_000,
    mongoUri: values.MONGO_URI,
    ...broker,
    jwtKey: values.JWT_KEY,
    ...holds,
    eventSpacingMs: values.EVENT_SPACING_SECONDS * 1_000,
    latePayment: values.LATE_PAYMENT,
    refundAlertMs: values.REFUND_ALERT_SECONDS * 1_000,
    ticketGapTimeoutMs: values.TICKET_GAP_TIMEOUT_SECONDS * 1_000,
    ...(values.JWT_KEY_PREVIOUS !== undefined && { jwtKeyPrevious: values.JWT_KEY_PREVIOUS }),
    rateLimitPerMinute: values.RATE_LIMIT_PER_MINUTE,
    maxPendingOrdersPerUser: values.MAX_PENDING_ORDERS_PER_USER,
    listSort: values.LIST_SORT,
    trustProxy: values.TRUST_PROXY,
    ...(values.ALLOWED_ORIGINS && { allowedOrigins: values.ALLOWED_ORIGINS }),
    ...(values.PEERS !== undefined && { peers: values.PEERS }),
    ...(values.STATUS_NAMES !== undefined && { statusNames: values.STATUS_NAMES }),
    logLevel: values.LOG_LEVEL,
    shutdownDelayMs: values.SHUTDOWN_DELAY_SECONDS * 1_000,
    shutdownGraceMs: values.SHUTDOWN_GRACE_SECONDS * 1_000,
  };
}
