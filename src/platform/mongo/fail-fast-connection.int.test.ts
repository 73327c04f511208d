import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Connection } from 'mongoose';
import pino from 'pino';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { testConfig } from '../../../tests/support/running-service.ts';
import {
  mongoUriThrough,
  startWithholdingProxy,
  type WithholdingProxy,
} from '../../../tests/support/withholding-proxy.ts';
import { DeadlineExceeded, remainingMs, withDeadline } from '../time/deadline.ts';
import { connectDatabase } from './connect.ts';

const log = pino({ level: 'silent' });
/** Longer than the four seconds of an operation on its socket. */
const soonMs = 10_000;

/** A way to the service's database that can be disturbed. */
async function tapped(): Promise<{ tap: WithholdingProxy; uri: string; port: number }> {
  const { mongoUri } = testConfig();
  const tap = await startWithholdingProxy(mongoUri);
  return { tap, uri: mongoUriThrough(tap, mongoUri), port: Number(tap.address.split(':')[1]) };
}

async function open(uri: string): Promise<Connection> {
  const connection = await connectDatabase(uri, { deadlineMs: 5_000, operations: 'bounded', log });
  atEnd(() => connection.close());
  return connection;
}

/** Calls `act` whenever a socket to `port` is done, its other side having ended, and is not yet closed. */
function whenDone(port: number, act: () => void): void {
  const watch = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => socket.remotePort === port && socket.once('finish', act));
  };
  subscribe('net.client.socket', watch);
  atEnd(async () => void unsubscribe('net.client.socket', watch));
}

/** What has become of what was asked, once something was. */
async function ended(asked: Promise<unknown>[]): Promise<'ended' | 'under way'> {
  const late = new Promise<'under way'>((resolve) => void setTimeout(resolve, soonMs, 'under way').unref());
  const all = async () => {
    await eventually(() => asked.length > 0);
    await Promise.allSettled(asked);
    return 'ended' as const;
  };
  return Promise.race([all(), late]);
}

test('When the database ends a connection as a command is written to it, then the command ends, too', async () => {
  const { tap, uri, port } = await tapped();
  const asked: Promise<unknown>[] = [];
  let connection: Connection | undefined;
  whenDone(port, () => {
    // Whether it fails or is tried again and works is not the point.
    const write = connection?.collection('any').updateOne({ _id: 1 as never }, { $set: { a: 1 } });
    if (write) asked.push(write.catch(String));
  });
  connection = await open(uri);
  await connection.collection('any').findOne();

  tap.endConnections();
  await expect(ended(asked)).resolves.toBe('ended');
});

test('When the database reads nothing of a large command, then the command ends after its time', async () => {
  const { tap, uri } = await tapped();
  const connection = await open(uri);
  await connection.collection('any').findOne();

  tap.stopReading();
  const write = connection.collection('any').insertOne({ large: 'x'.repeat(15_000_000) });
  await expect(ended([write])).resolves.toBe('ended');
});

test('When the time of somebody is over as a command is about to leave, then it does not, and the connection serves others', async () => {
  const { mongoUri } = testConfig();
  const connection = await open(`${mongoUri}&monitorCommands=true`);
  const left: string[] = [];
  connection.getClient().on('commandStarted', ({ commandName }) => left.push(commandName));
  let late: Promise<unknown> | undefined;
  await withDeadline(60_000, async () => {
    // Begun after the answer; it is the first that needs a connection, and so has it opened.
    late = eventually(() => remainingMs() <= 0).then(() =>
      connection.collection('any').insertOne({ late: 1 }),
    );
  });
  await expect(late).rejects.toThrow(DeadlineExceeded);
  expect(left).not.toContain('insert');
  await withDeadline(60_000, () => connection.collection('any').insertOne({ late: 0 }));
  expect(await connection.collection('any').distinct('late')).toEqual([0]);
  await connection.dropDatabase();
});
