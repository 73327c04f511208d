import { once } from 'node:events';
import { connect } from 'node:net';
import express from 'express';
import { eventually } from '../../tests/support/eventually.ts';
import { atEnd } from '../../tests/support/lifetime.ts';
import { listen } from './server.ts';

test.each([
  ['has sent nothing', ''],
  ['has sent half a request', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{'],
])(
  'When a client %s, then it does not keep the service from ending',
  async (_, bytes) => {
    const app = express();
    app.use(express.json());
    const server = await listen(app, 0);
    const client = connect(server.port, '127.0.0.1');
    atEnd(async () => client.destroy());
    // The server ends it without ceremony.
    client.on('error', () => undefined);
    await once(client, 'connect');
    client.write(bytes);

    let stopped = false;
    void server.stop().then(() => {
      stopped = true;
    });
    await eventually(() => stopped, { withinMs: 20_000 });
    await eventually(() => client.destroyed || client.readableEnded);
  },
  40_000,
);
