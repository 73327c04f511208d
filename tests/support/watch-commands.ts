import mongoose, { type mongo } from 'mongoose';
import type { Config } from '../../src/config.ts';
import type { Service } from '../../src/service.ts';
import { startTestService } from './running-service.ts';

/** Starts a service in this process and calls `onCommand` with each of its commands as it leaves for the database. */
export async function startWatchedService(
  config: Config,
  onCommand: (command: mongo.CommandStartedEvent) => void,
): Promise<Service> {
  const others = new Set(mongoose.connections);
  const mongoUri = `${config.mongoUri}${config.mongoUri.includes('?') ? '&' : '?'}monitorCommands=true`;
  const service = await startTestService({ ...config, mongoUri });
  for (const connection of mongoose.connections.filter((one) => !others.has(one))) {
    connection.getClient().on('commandStarted', onCommand);
  }
  return service;
}
