import jwt from 'jsonwebtoken';
import pino from 'pino';
import supertest from 'supertest';
import { newId, sessionCookie } from '../support/buyer.ts';
import { jwtKey, startTestService, testConfig } from '../support/running-service.ts';

test('When requests of all kinds are logged, then neither cookie nor token nor key is in the log', async () => {
  const lines: string[] = [];
  const config = testConfig();
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const http = supertest((await startTestService(config, { log })).url);
  const token = jwt.sign({ id: newId() }, jwtKey);
  const cookie = sessionCookie(token);
  const credentials = { Cookie: cookie, Authorization: `Bearer ${token}` };
  await http
    .get('/api/orders')
    .set({ ...credentials, 'X-Request-Id': 'seen-1' })
    .expect(200);
  await http.post('/api/orders').set(credentials).send({ ticketId: newId(), note: 'the body' }).expect(404);
  await http
    .post('/api/orders')
    .set({ ...credentials, 'Content-Type': 'application/json' })
    .send('{')
    .expect(400);
  await http
    .get('/api/orders')
    .set({ Cookie: `${cookie}x`, Authorization: `Bearer ${token}x` })
    .expect(401);
  const text = lines.join('');
  expect(text).toContain('seen-1');
  for (const secret of [token, token.split('.')[2], cookie.split('=')[1], jwtKey, 'the body'])
    expect(text).not.toContain(secret);
});

test.each(['a'.repeat(129), 'a b', 'a"b'])(
  'When the X-Request-Id is %s, then another one is made',
  async (given) => {
    const http = supertest((await startTestService(testConfig())).url);
    const { headers } = await http.get('/api/orders').set('X-Request-Id', given).expect(401);
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  },
);
