import supertest from 'supertest';
import { newId, signedIn } from '../../../tests/support/buyer.ts';
import { startTestService, testConfig } from '../../../tests/support/running-service.ts';
import type { Config } from '../../config.ts';

const perMinute = 5;

async function start(overrides: Partial<Config> = {}) {
  const service = await startTestService(testConfig({ rateLimitPerMinute: perMinute, ...overrides }));
  const http = supertest(service.url);
  const buy = (headers: Record<string, string>) =>
    http.post('/api/orders').set(headers).send({ ticketId: newId() });
  return { http, buy };
}

test('When a user asks too often, then 429 with the time to wait, for this user and POST alone', async () => {
  const { http, buy } = await start();
  const buyer = signedIn();
  for (let count = 1; count <= perMinute; count++) {
    const { headers } = await buy(buyer).expect(404);
    expect(headers['ratelimit']).toMatch(new RegExp(`^"[^"]+"; r=${perMinute - count}; t=\\d+$`));
    expect(headers['ratelimit-policy']).toMatch(new RegExp(`^"[^"]+"; q=${perMinute}; w=60;`));
  }
  const refused = await buy(buyer).expect(429);
  expect(refused.body).toEqual({
    errors: [{ message: expect.stringContaining('5 a minute') as string, code: 'rate_limited' }],
  });
  const wait = Number(refused.headers['retry-after']);
  expect(wait).toBeGreaterThanOrEqual(1);
  expect(wait).toBeLessThanOrEqual(60);
  await http.get('/api/orders').set(buyer).expect(200);
  await buy(signedIn()).expect(404);
});

test('When nobody is signed in, then the address counts, and only a trusted proxy may tell another one', async () => {
  const from = (address: string) => ({ 'X-Forwarded-For': address });
  const direct = await start();
  for (let count = 0; count < perMinute; count++) await direct.buy(from(`192.0.2.${count}`)).expect(401);
  await direct.buy(from('192.0.2.9')).expect(429);

  for (const trustProxy of [1, ['loopback']]) {
    const behind = await start({ trustProxy });
    // What the client itself has claimed stands further left and is not believed.
    for (let count = 0; count < perMinute; count++)
      await behind.buy(from(`203.0.113.${count}, 192.0.2.1`)).expect(401);
    await behind.buy(from('203.0.113.9, 192.0.2.1')).expect(429);
    await behind.buy(from('203.0.113.9, 192.0.2.1:5678')).expect(429);
    await behind.buy(from('203.0.113.9, 192.0.2.2')).expect(401);
  }
});

test('When a proxy adds the port, or tells no address, then that is no client of its own', async () => {
  const behind = await start({ trustProxy: 1 });
  for (const forward of [
    (count: number) => `192.0.2.1:${5_000 + count}`,
    (count: number) => `[2001:db8::1]:${5_000 + count}`,
    (count: number) => `unknown-${count}`,
  ]) {
    for (let count = 0; count < perMinute; count++)
      await behind.buy({ 'X-Forwarded-For': forward(count) }).expect(401);
    await behind.buy({ 'X-Forwarded-For': forward(perMinute) }).expect(429);
  }
});

test('When two services run in one process, then each counts for itself; without a limit nothing is counted', async () => {
  const [first, second] = [await start(), await start()];
  const buyer = signedIn();
  for (let count = 0; count < perMinute; count++) await first.buy(buyer).expect(404);
  await first.buy(buyer).expect(429);
  await second.buy(buyer).expect(404);
  const off = await start({ rateLimitPerMinute: 0 });
  for (let count = 0; count < 20; count++) {
    const { headers } = await off.buy(buyer).expect(404);
    expect(headers).not.toHaveProperty('ratelimit');
  }
});
