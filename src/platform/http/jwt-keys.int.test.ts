import jwt from 'jsonwebtoken';
import pino from 'pino';
import supertest from 'supertest';
import { newId, sessionCookie } from '../../../tests/support/buyer.ts';
import { startTestService, testConfig } from '../../../tests/support/running-service.ts';

test('When the key is rotated, then sessions of both keys are good, and of no other or by another algorithm', async () => {
  const [present, previous] = ['a'.repeat(32), 'b'.repeat(32)];
  const config = testConfig({ jwtKey: present, jwtKeyPrevious: previous });
  const http = supertest((await startTestService(config)).url);
  const list = (key: string, algorithm: jwt.Algorithm = 'HS256') => {
    const token = jwt.sign({ id: newId() }, key, { algorithm });
    return http.get('/api/orders').set('Cookie', sessionCookie(token));
  };
  await list(present).expect(200);
  await list(previous).expect(200);
  await list(previous, 'HS384').expect(401);
  await list('c'.repeat(32)).expect(401);
});

test.each([
  ['x'.repeat(32), undefined, []],
  ['é'.repeat(16), 'y'.repeat(32), []],
  ['x'.repeat(31), 'y'.repeat(31), ['JWT_KEY', 'JWT_KEY_PREVIOUS']],
] as const)(
  'When the keys are %s and %s, then the start warns of the short ones without telling them',
  async (jwtKey, jwtKeyPrevious, warned) => {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    await startTestService(testConfig({ jwtKey, ...(jwtKeyPrevious && { jwtKeyPrevious }) }), { log });
    const warnings = lines.map((line) => JSON.parse(line) as { variable?: string });
    expect(warnings.flatMap(({ variable }) => variable ?? [])).toEqual(warned);
    for (const key of [jwtKey, jwtKeyPrevious]) if (key) expect(lines.join('')).not.toContain(key);
  },
);
