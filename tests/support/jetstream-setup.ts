import { startStack } from '../../dev/embedded/stack.ts';
import { keepForTeardown } from './shared-servers.ts';

/** As global-setup.ts, for a run whose broker is JetStream. */
export default async function setUp(): Promise<void> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const stack = await startStack({ log, broker: 'jetstream' });
  keepForTeardown(stack);
  process.env['TEST_MONGO_URI'] = stack.mongo.uri('test');
  process.env['TEST_JETSTREAM_URL'] = stack.broker.url;
  log(`tests use ${stack.mongo.description} and ${stack.broker.description}`);
}
