import type { EventEmitter } from 'node:events';
import mongoose from 'mongoose';

/**
 * Loaded into a measured process before its own code, by `--import`. On each message from the benchmark it reports what
 * the process has used and which commands it has sent to the database. Commands are counted only where the connection
 * string has `monitorCommands=true`: monitoring them costs time.
 */

/** What a process has used since its start, and the database commands since the last report, by name. */
export interface Usage {
  cpuMs: number;
  residentMb: number;
  commands: { name: string }[];
}

let commands: Usage['commands'] = [];

// Missing from Mongoose's types.
const { events } = mongoose as typeof mongoose & { events: EventEmitter };
events.on('createConnection', (connection: mongoose.Connection) => {
  connection.on('connected', () => {
    connection.getClient().on('commandStarted', ({ commandName }) => commands.push({ name: commandName }));
  });
});

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    cpuMs: (user + system) / 1_000,
    residentMb: process.memoryUsage.rss() / 2 ** 20,
    commands,
  };
  commands = [];
  process.send?.(usage);
});
// The channel must not keep the process from ending.
process.channel?.unref();
