import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Connection } from 'mongoose';
import pino from 'pino';
import { atEnd } from '../../tests/support/lifetime.ts';
import { testConfig } from '../../tests/support/running-service.ts';
import { connectDatabase } from './connect.ts';

const log = pino({ level: 'silent' });
/** Longer than the four seconds of an operation on its socket. */
const soonMs = 10_000;

/** A way to the database on which its side of a connection can be ended, or left unread. */
async function startForwarder() {
  const target = new URL(testConfig().mongoUri);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket.on('error', () => undefined));
      socket.once('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  atEnd(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const through = new URL(target);
  through.host = `127.0.0.1:${port}`;
  through.searchParams.set('directConnection', 'true');
  return {
    uri: through.href,
    port,
    endAll: () => [...sockets].forEach((socket) => void socket.end()),
    readNothing: () => [...sockets].forEach((socket) => void socket.unpipe().pause()),
  };
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
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.allSettled(asked);
    return 'ended' as const;
  };
  return Promise.race([all(), late]);
}

test('When the database ends a connection as a command is written to it, then the command ends, too', async () => {
  const forwarder = await startForwarder();
  const asked: Promise<unknown>[] = [];
  let connection: Connection | undefined;
  whenDone(forwarder.port, () => {
    // Whether it fails or is tried again and works is not the point.
    const write = connection?.collection('any').updateOne({ _id: 1 as never }, { $set: { a: 1 } });
    if (write) asked.push(write.catch(String));
  });
  connection = await open(forwarder.uri);
  await connection.collection('any').findOne();

  forwarder.endAll();
  await expect(ended(asked)).resolves.toBe('ended');
});

test('When the database reads nothing of a large command, then the command ends after its time', async () => {
  const forwarder = await startForwarder();
  const connection = await open(forwarder.uri);
  await connection.collection('any').findOne();

  forwarder.readNothing();
  const write = connection.collection('any').insertOne({ large: 'x'.repeat(15_000_000) });
  await expect(ended([write])).resolves.toBe('ended');
});
