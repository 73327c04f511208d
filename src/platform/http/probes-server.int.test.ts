import { once } from 'node:events';
import { connect } from 'node:net';
import pino from 'pino';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { serveProbes } from './probes-server.ts';

test('When somebody opens more connections to the port of the probes than are needed there, then they are closed', async () => {
  const server = await serveProbes(0, { log: pino({ level: 'silent' }), probes: () => undefined });
  if (!server) throw new Error('not served');
  atEnd(() => server.stop());
  const sockets = Array.from({ length: 300 }, () => connect(server.port, '127.0.0.1').resume());
  for (const socket of sockets) {
    atEnd(async () => socket.destroy());
    // What is dropped may be reset.
    socket.on('error', () => undefined);
  }
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await eventually(
    () => sockets.filter(({ closed, readableEnded }) => closed || readableEnded).length === 44,
  );
  expect(server.connections()).toBe(256);
});
