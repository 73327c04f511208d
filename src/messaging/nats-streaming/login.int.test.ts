import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { atEnd } from '../../../tests/support/at-end.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { startOwnBroker } from '../../../tests/support/own-broker.ts';
import { readBrokerConfig } from '../../config.ts';
import { connectNatsStreaming } from './nats-streaming.ts';

const [user, pass, token] = ['us@er/1', 'p:a@s/s?#%41 &é', 't@ken:/%2F'];
const encoded = encodeURIComponent;

test.each([
  ['a user and a password', ['--user', user, '--pass', pass], `${encoded(user)}:${encoded(pass)}`],
  ['a token', ['--auth', token], encoded(token)],
])(
  'When the broker wants %s and NATS_URL has it percent-encoded, then the service connects',
  async (_, login, given) => {
    const { url, clusterId } = await startOwnBroker({ login });
    const variables = { NATS_URL: url.replace('//', `//${given}@`), NATS_CLUSTER_ID: clusterId };
    const broker = connectNatsStreaming({
      ...readBrokerConfig(variables),
      ...{ clientId: `login-${randomUUID()}`, queueGroup: 'login', log: pino({ level: 'silent' }) },
    });
    atEnd(() => broker.close());
    await eventually(() => broker.isConnected(), { withinMs: 20_000 });
    await broker.publish('login', 'heard');
  },
  60_000,
);
