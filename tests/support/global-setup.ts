import { startStack } from '../../dev/embedded/stack.ts';
import { keepForTeardown } from './shared-servers.ts';

/** Starts the servers once for the whole run; test files find them in the environment, which workers inherit. */
export default async function setUp(): Promise<void> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const stack = await startStack({ log, broker: 'nats-streaming' });
  keepForTeardown(stack);
  process.env['TEST_MONGO_URI'] = stack.mongo.uri('test');
  process.env['TEST_NATS_URL'] = stack.broker.url;
  process.env['TEST_NATS_CLUSTER_ID'] = stack.broker.clusterId;
  process.stderr.write(`tests use ${stack.mongo.description} and ${stack.broker.description}\n`);
}
