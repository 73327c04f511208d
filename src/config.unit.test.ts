import { problemsOf, requiredVariables } from '../tests/support/required-variables.ts';
import { readConfig } from './config.ts';

test('When only the required variables are set, then the rest has its defaults', () => {
  expect(readConfig(requiredVariables)).toMatchObject({
    port: 3000,
    maxRequestsInFlight: 512,
    maxConnections: 12_000,
    maxConnectionsPerAddress: 0,
    keepAliveMs: 65_000,
    startTimeoutMs: 30_000,
    orderHoldMs: 900_000,
    latePayment: 'hold_again',
    refundAlertMs: 0,
    ticketGapTimeoutMs: 600_000,
    rateLimitPerMinute: 0,
    maxPendingOrdersPerUser: 0,
    listSort: '-createdAt',
    trustProxy: 0,
    logLevel: 'info',
    shutdownDelayMs: 5_000,
    shutdownGraceMs: 25_000,
  });
  expect(readConfig({ ...requiredVariables, JWT_KEY_PREVIOUS: '' })).not.toHaveProperty('jwtKeyPrevious');
});

test('When variables are missing or empty, then every one is named at once', () => {
  const problems = problemsOf({ MONGO_URI: '' });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(Object.keys(requiredVariables));
});

test.each([
  ['nats://broker', 'nats://broker:4222'],
  ['tls://user:pass@10.0.0.1', 'tls://user:pass@10.0.0.1:4222'],
  ['nats://us%40er:p%2Fass@broker:4222/', 'nats://us%40er:p%2Fass@broker:4222/'],
  ['nats://[::1]:4223', 'nats://[::1]:4223'],
])('When NATS_URL is %s, then the broker is sought at %s', (given, url) => {
  expect(readConfig({ ...requiredVariables, NATS_URL: given }).nats?.url).toBe(url);
});

test.each([
  'mongodb://user:p%40ss@a:27017,b:27017/orders?replicaSet=rs0',
  'mongodb+srv://cluster.example.com/orders',
  'mongodb://a/orders?w=majority&journal=true&readConcernLevel=majority&readPreference=primary',
  'mongodb://a/orders?readConcernLevel=linearizable&retryWrites=false&wtimeoutMS=1000',
  'mongodb://user:pass@a/orders?appName=orders@market',
  'mongodb://%2Ftmp%2Fmongodb-27017.sock/orders',
])('When MONGO_URI is %s, then it is taken as it is', (given) => {
  expect(readConfig({ ...requiredVariables, MONGO_URI: given }).mongoUri).toBe(given);
});

test.each([
  ['PORT', '70000'],
  ['PORT', '3000.5'],
  ['MONGO_URI', 'localhost:27017'],
  ['NATS_URL', 'http://localhost:4222'],
  ['MONGO_URI', 'mongodb://a/or ders'],
  ['NATS_URL', 'nats://a '],
  ['NATS_URL', 'nats://:4222'],
  ['NATS_URL', 'nats://a:99999'],
  ['NATS_URL', 'nats://['],
  ['NATS_URL', 'nats://user:p%zz@a:4222'],
  ['NATS_URL', 'nats://100%@a:4222'],
  ['NATS_URL', 'nats://:pass@a:4222'],
  // A password with / or # as it is: what is before it would be taken for the host.
  ['NATS_URL', 'nats://user:12/34@a:4222'],
  ['NATS_URL', 'nats://user:12#34@a:4222'],
  ['NATS_URL', 'nats://a:4222,nats://b:4222'],
  ['NATS_CLIENT_ID', 'orders.1'],
  ['ORDER_HOLD_SECONDS', '0'],
  ['ORDER_HOLD_SECONDS', '15m'],
  ['TICKET_GAP_TIMEOUT_SECONDS', '-1'],
  ['RATE_LIMIT_PER_MINUTE', 'many'],
  ['MAX_PENDING_ORDERS_PER_USER', '101'],
  ['LIST_SORT', 'newest'],
  ['LIST_SORT', '+createdAt'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '33'],
  ['TRUST_PROXY', '-1'],
  ['TRUST_PROXY', '0.0.0.0/0'],
  ['TRUST_PROXY', '10.0.0.0/33'],
  ['TRUST_PROXY', 'loopback,everybody'],
  ['TRUST_PROXY', 'loopback,'],
  ['LOG_LEVEL', 'loud'],
  ['SHUTDOWN_DELAY_SECONDS', '5s'],
  ['SHUTDOWN_GRACE_SECONDS', '0'],
  ['PROBES_PORT', '70000'],
  ['PROBES_PORT', '3000'],
  ['LISTEN_ADDRESS', 'localhost'],
  ['LISTEN_ADDRESS', '127.0.0.1:3000'],
  ['MAX_REQUESTS_IN_FLIGHT', '0'],
  ['MAX_CONNECTIONS', '0'],
  ['MAX_CONNECTIONS_PER_ADDRESS', '-1'],
  ['KEEP_ALIVE_SECONDS', '4'],
  ['KEEP_ALIVE_SECONDS', '3601'],
  ['START_TIMEOUT_SECONDS', '0'],
  ['LATE_PAYMENT', 'Refund'],
  ['EVENT_SPACING_SECONDS', '301'],
  ['EVENT_SPACING_SECONDS', '-6'],
  ['EVENT_SPACING_SECONDS', '0.5'],
])('When %s is %s, then that is the problem and what would be right is said', (name, value) => {
  expect(problemsOf({ ...requiredVariables, [name]: value })).toEqual([
    expect.stringMatching(`^${name} must be `),
  ]);
});

test('When probes have a port of their own, then it is another one than PORT, reported beside whatever else is wrong', () => {
  expect(readConfig(requiredVariables)).not.toHaveProperty('probesPort');
  expect(readConfig({ ...requiredVariables, PROBES_PORT: '3001' }).probesPort).toBe(3_001);
  // Any two free ones.
  expect(readConfig({ ...requiredVariables, PORT: '0', PROBES_PORT: '0' }).probesPort).toBe(0);
  const problems = problemsOf({ ...requiredVariables, PORT: '4000', PROBES_PORT: '4000', LOG_LEVEL: 'loud' });
  expect(new Set(problems.map((problem) => problem.split(' ')[0]))).toEqual(
    new Set(['LOG_LEVEL', 'PROBES_PORT']),
  );
});

test('When late payments are to be given back, then the service knows it', () => {
  expect(readConfig({ ...requiredVariables, LATE_PAYMENT: 'refund' }).latePayment).toBe('refund');
});

test('When EVENT_SPACING_SECONDS is set, then the service keeps to it', () => {
  expect(readConfig(requiredVariables).eventSpacingMs).toBe(0);
  expect(readConfig({ ...requiredVariables, EVENT_SPACING_SECONDS: '6' }).eventSpacingMs).toBe(6_000);
});

test('When LIST_SORT is createdAt, then lists begin with the oldest', () => {
  expect(readConfig({ ...requiredVariables, LIST_SORT: 'createdAt' }).listSort).toBe('createdAt');
});

test('When STATUS_NAMES is set, then statuses have these names, and each wrong one is reported beside whatever else is wrong', () => {
  expect(readConfig(requiredVariables)).not.toHaveProperty('statusNames');
  const STATUS_NAMES = 'pending=created,paid=complete,expired=cancelled';
  const statusNames = { pending: 'created', paid: 'complete', cancelled: 'cancelled', expired: 'cancelled' };
  expect(readConfig({ ...requiredVariables, STATUS_NAMES }).statusNames).toEqual(statusNames);
  const problems = problemsOf({ ...requiredVariables, STATUS_NAMES: 'open=x,paid=', LOG_LEVEL: 'loud' });
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(
    expect.arrayContaining([
      'STATUS_NAMES has no status open to name',
      'STATUS_NAMES gives paid the name ""',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent',
    ]),
  );
});

test('When the gap time-out is 0, then gaps are never closed', () => {
  expect(readConfig({ ...requiredVariables, TICKET_GAP_TIMEOUT_SECONDS: '0' }).ticketGapTimeoutMs).toBe(0);
});

test.each([
  ['2', 2],
  ['loopback, 10.0.0.0/8', ['loopback', '10.0.0.0/8']],
  ['fd00::/8,192.0.2.1', ['fd00::/8', '192.0.2.1']],
] as const)('When TRUST_PROXY is %s, then these proxies are trusted', (text, trusted) => {
  expect(readConfig({ ...requiredVariables, TRUST_PROXY: text }).trustProxy).toEqual(trusted);
});
