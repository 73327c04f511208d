import { takeForTeardown } from './shared-servers.ts';

/** Stops the servers that the set-up started. */
export default async function tearDown(): Promise<void> {
  await takeForTeardown()?.stop();
}
