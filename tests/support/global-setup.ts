import { startStack } from '../../dev/embedded/stack.ts';
import { keepForTeardown } from './shared-servers.ts';

/** Starts the servers once for the whole run; test files find them in the environment, which workers inherit. */
export default async function setUp(): Promise<void> {
  const stack = await startStack({ log: (line) => process.stderr.write(`${line}\n`) });
  keepForTeardown(stack);
  process.env['TEST_MONGO_URI'] = stack.mongo.uri('test');
  process.env['TEST_NATS_URL'] = stack.nats.url;
  process.env['TEST_NATS_CLUSTER_ID'] = stack.nats.clusterId;
  process.stderr.write(`tests use ${stack.mongo.description} and ${stack.nats.description}\n`);
}
