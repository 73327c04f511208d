/** The variables that the service reads, from the contract and its amendments; a misspelt one would silently be a default. */
export const requiredVariables = [
  'MONGO_URI',
  'NATS_URL',
  'NATS_CLUSTER_ID',
  'NATS_CLIENT_ID',
  'JWT_KEY',
] as const;

export const knownVariables: readonly string[] = [
  ...requiredVariables,
  'PORT',
  'PROBES_PORT',
  'LISTEN_ADDRESS',
  'MAX_REQUESTS_IN_FLIGHT',
  'MAX_CONNECTIONS',
  'MAX_CONNECTIONS_PER_ADDRESS',
  'KEEP_ALIVE_SECONDS',
  'START_TIMEOUT_SECONDS',
  'ORDER_HOLD_SECONDS',
  'EVENT_SPACING_SECONDS',
  'LATE_PAYMENT',
  'TICKET_GAP_TIMEOUT_SECONDS',
  'SHUTDOWN_DELAY_SECONDS',
  'SHUTDOWN_GRACE_SECONDS',
  'LOG_LEVEL',
  'RATE_LIMIT_PER_MINUTE',
  'MAX_PENDING_ORDERS_PER_USER',
  'LIST_SORT',
  'TRUST_PROXY',
  'JWT_KEY_PREVIOUS',
  'STATUS_NAMES',
  'PEERS',
];
