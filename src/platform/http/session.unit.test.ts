import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Request, Response } from 'express';
import jwt from 'jsonwebtoken';
import { sessionCookie } from '../../../tests/support/buyer.ts';
import { readSession } from './session.ts';

const key = 'the key of these tests, of 32 bytes';
const sign = (id: string) => jwt.sign({ id }, key, { algorithm: 'HS256' });

/** Who is signed in to a request with these headers. */
function userWith(session: ReturnType<typeof readSession>, headers: Request['headers']): unknown {
  const req = { headers } as Request;
  void session(req, {} as Response, () => undefined);
  return req.user;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function memoryMb(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

const spaces = ' '.repeat(15_000);
test.each<[string, (token: string) => Request['headers']]>([
  ['a bearer token', (token) => ({ authorization: `Bearer ${spaces}${token}` })],
  ['a cookie', (token) => ({ cookie: `other=${spaces};${sessionCookie(token)}` })],
])(
  'When 1,000 good tokens come as %s, each behind 15,000 spaces, then what is kept is their size',
  (_, of) => {
    const session = readSession([key]);
    const tokens = Array.from({ length: 1_000 }, (_value, number) => sign(`user ${number}`));
    const before = memoryMb();
    for (const token of tokens) expect(userWith(session, of(token))).toBeDefined();
    // The headers are 15 MB.
    expect(memoryMb() - before).toBeLessThan(4);
    expect(userWith(session, of(tokens[0] ?? ''))).toEqual({ id: 'user 0' });
  },
);

test.each([
  ['another scheme', 'Basic YTpi', 'anna'],
  ['no token', 'Bearer', undefined],
  ['two tokens', `Bearer ${sign('bert')} ${sign('bert')}`, undefined],
  ['a token in quotes', `Bearer "${sign('bert')}"`, undefined],
  ['a token of two parts', 'Bearer e30.e30', undefined],
  ['a token', `bearer ${sign('bert')}`, 'bert'],
])('When the header has %s, beside a good cookie, then it counts if it is of our scheme', (_, header, id) => {
  const headers = { authorization: header, cookie: sessionCookie(sign('anna')) };
  expect(userWith(readSession([key]), headers)).toEqual(id === undefined ? undefined : { id });
});

test('When a token is not of the form of one, then it is not verified', () => {
  const verify = jest.spyOn(jwt, 'verify');
  const session = readSession([key]);
  for (const token of ['', 'x', 'a.b', 'a.b.c d', 'a.b.c.d', 'a,b.c.d', 'ä.b.c', `a.b.c${'\n'}`, '..']) {
    userWith(session, { authorization: `Bearer ${token}` });
    userWith(session, { cookie: sessionCookie(token) });
  }
  const calls = verify.mock.calls.length;
  verify.mockRestore();
  expect(calls).toBe(0);
});

const bad = ['express:sess=e30=', 'express:sess=', 'express:sess="', sessionCookie('a.b.c')];
const anna = sessionCookie(sign('anna'));
test.each<[string, string[], string | undefined]>([
  ['the second after an empty one', ['express:sess=', anna], 'anna'],
  ['in quotes', [`express:sess="${anna.slice('express:sess='.length)}"`], 'anna'],
  ['between other cookies', ['a=1', anna, 'express:sess.sig=x'], 'anna'],
  ['one of two good ones', [anna, sessionCookie(sign('bert'))], 'anna'],
  ['the fourth', [...bad.slice(0, 3), anna], 'anna'],
  ['the fifth', [...bad, anna], undefined],
  ['the value of another cookie', [`other=${anna}`], undefined],
  ['in a cookie of a longer name', [`x${anna}`], undefined],
  ['in a cookie of a name in capitals', [anna.toUpperCase()], undefined],
])('When the session is %s, then it counts if it is among the first four', (_, cookies, id) => {
  for (const separator of ['; ', ';', ';  ']) {
    const headers = { cookie: cookies.join(separator) };
    expect(userWith(readSession([key]), headers)).toEqual(id === undefined ? undefined : { id });
    expect(headers).toEqual({ cookie: cookies.join(separator) });
  }
});
