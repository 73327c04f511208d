import { readConfig } from '../../src/config.ts';
import { BadConfig } from '../../src/platform/process/environment.ts';

/** The variables that the service cannot start without; all others have their defaults. */
export const requiredVariables = {
  MONGO_URI: 'mongodb://localhost/orders',
  JWT_KEY: 'secret',
  NATS_URL: 'nats://localhost:4222',
  NATS_CLUSTER_ID: 'ticketing',
  NATS_CLIENT_ID: 'orders-1',
};

/** What is wrong with these variables, as the start prints it. @throws when they are accepted */
export function problemsOf(variables: Record<string, string>): string[] {
  try {
    readConfig(variables);
  } catch (error) {
    if (error instanceof BadConfig) return error.problems;
  }
  throw new Error('accepted');
}
