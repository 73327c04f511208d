import { problemsOf, requiredVariables } from '../tests/support/required-variables.ts';
import { readBrokerConfig } from './broker-config.ts';
import { brokerStreams } from './broker-streams.ts';
import { readConfig } from './config.ts';
import { orderEventSchemas } from './orders/domain/order-events.ts';
import { orderMessageSchemas } from './orders/listeners/order-listeners.ts';
import { ticketMessageSchemas } from './tickets/listeners/ticket-listeners.ts';

const { NATS_URL, NATS_CLUSTER_ID, NATS_CLIENT_ID, ...others } = requiredVariables;
const jetStream = { ...others, JETSTREAM_URL: 'nats://us%40er:p%2Fw@a,nats://b:4223' };

test('When JETSTREAM_URL is set, then that is the broker, and no NATS Streaming', () => {
  const config = readConfig({
    ...jetStream,
    JETSTREAM_REPLICAS: '3',
    JETSTREAM_CA_FILE: import.meta.filename,
  });
  expect(config).not.toHaveProperty('nats');
  expect(config.jetstream).toMatchObject({
    servers: ['nats://a:4222', 'nats://b:4223'],
    login: { user: 'us@er', pass: 'p/w' },
    replicas: 3,
    caFile: import.meta.filename,
  });
});

test('When NATS_URL is set, then nothing of JetStream is in the configuration', () => {
  expect(readConfig(requiredVariables)).not.toHaveProperty('jetstream');
});

test('When variables of both brokers are set, then each is named, with how to choose', () => {
  const problems = problemsOf({ ...jetStream, NATS_URL, NATS_CLIENT_ID });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['NATS_URL', 'NATS_CLIENT_ID']);
  for (const problem of problems)
    expect(problem).toMatch(/To use JetStream, unset NATS_URL, .* unset JETSTREAM_URL/);
});

test('When none is set, then both ways are named', () => {
  expect(problemsOf(others).join()).toMatch(/^NATS_URL is missing: .*NATS Streaming.*JETSTREAM_URL/);
});

test.each([
  [{ ...jetStream, JETSTREAM_URL: 'http://a' }, 'JETSTREAM_URL'],
  [{ ...jetStream, JETSTREAM_CREDS_FILE: '/nowhere/creds' }, 'JETSTREAM_CREDS_FILE'],
  [{ ...jetStream, JETSTREAM_REPLICAS: '0' }, 'JETSTREAM_REPLICAS'],
  [{ ...requiredVariables, JETSTREAM_CREDS_FILE: '/creds' }, 'JETSTREAM_CREDS_FILE'],
  [{ ...requiredVariables, BROKER_PAUSED: 'yes' }, 'BROKER_PAUSED'],
  [{ ...jetStream, BROKER_PAUSED: '1' }, 'BROKER_PAUSED'],
])('When a variable is wrong for the broker, then it is named', (variables, name) => {
  expect(problemsOf(variables)).toEqual([expect.stringMatching(`^${name} `)]);
});

test.each([requiredVariables, jetStream])(
  'When BROKER_PAUSED is true, then either broker is paused, and else none is',
  (variables) => {
    expect(readConfig({ ...variables, BROKER_PAUSED: 'true' })).toMatchObject({ brokerPaused: true });
    expect(readBrokerConfig({ ...variables, BROKER_PAUSED: 'true' }, 'a')).toMatchObject({
      brokerPaused: true,
    });
    for (const BROKER_PAUSED of ['false', '', undefined])
      expect(readConfig({ ...variables, BROKER_PAUSED })).toEqual(readConfig(variables));
    expect(readConfig(variables)).not.toHaveProperty('brokerPaused');
  },
);

test('When a command reads the broker, then it needs no client id, and has its own', () => {
  expect(readBrokerConfig({ NATS_URL, NATS_CLUSTER_ID }, 'a-command')).toEqual({
    nats: { url: NATS_URL, clusterId: NATS_CLUSTER_ID, clientId: 'a-command' },
  });
  expect(readBrokerConfig(jetStream, 'a-command')).toHaveProperty('jetstream');
  expect(() => readBrokerConfig({ ...jetStream, NATS_URL }, 'a-command')).toThrow('must not be set beside');
});

test('When the service sends or receives a subject, then exactly one of its streams takes it', () => {
  const subjects = Object.keys({ ...ticketMessageSchemas, ...orderMessageSchemas, ...orderEventSchemas });
  const taken = brokerStreams.flatMap((stream) => stream.subjects);
  expect(taken).toEqual(expect.arrayContaining(subjects));
  expect(new Set(taken).size).toBe(taken.length);
});
