import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import mongoose from 'mongoose';
import { atEnd } from '../support/at-end.ts';
import { newId, signedIn } from '../support/buyer.ts';
import { openDatabase, testConfig } from '../support/running-service.ts';
import { type LimitedService, startLimitedService } from './limited-service.ts';
import { maxWaitMs, p99Of } from './percentile.ts';

const attackers = Array.from({ length: 20 }, newId);

const { mongoUri } = testConfig();
let service: LimitedService;
beforeAll(async () => storeLists(await openDatabase(testConfig({ mongoUri }))));
// What one attack has left to the collector is not the other's.
beforeEach(async () => {
  service = await startLimitedService({ mongoUri });
}, 60_000);

/** Lists as large as they can be: 100 orders each, with the longest titles, in characters of four bytes. */
async function storeLists(database: mongoose.Connection): Promise<void> {
  const at = new Date();
  for (const userId of attackers)
    await database.collection('orders').insertMany(
      Array.from({ length: 100 }, () => ({
        ...{ userId, status: 'cancelled', version: 1, createdAt: at, expiresAt: at },
        ticketId: new mongoose.Types.ObjectId(),
        ticket: { title: '🎻'.repeat(500), price: 20, version: 0 },
        ...{ payments: [], history: [], outbox: [] },
      })),
    );
}

/** Asks for a user's list so many times in one packet, and reads nothing. */
function askUnread(userId: string, times: number): void {
  const socket = connect(service.port, '127.0.0.1').pause();
  atEnd(async () => socket.destroy());
  // The service cuts the connection.
  socket.on('error', () => undefined);
  const head = `GET /api/orders HTTP/1.1\r\nHost: x\r\nAuthorization: ${signedIn(userId).Authorization}\r\n\r\n`;
  socket.write(head.repeat(times));
}

/** Reads somebody else's list, as honest clients do: over connections that are kept, one after the other. */
function openReader(): () => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  atEnd(async () => agent.destroy());
  const headers = signedIn();
  return async () => {
    const sent = request(`${service.url}/api/orders`, { agent, headers }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    expect(answer.statusCode).toBe(200);
  };
}

test.each([
  ['as many as may be unanswered', 8],
  ['900', 900],
])(
  'When 20 signed-in connections ask for %s of their lists and read none, then the lists of others come, and memory stays',
  async (_, times) => {
    for (const userId of attackers) askUnread(userId, times);
    // Some seconds, in which the lists stay unread.
    expect(await p99Of(1_000, openReader())).toBeLessThan(maxWaitMs);
    expect(await service.residentMb()).toBeLessThan(250);
  },
  60_000,
);
