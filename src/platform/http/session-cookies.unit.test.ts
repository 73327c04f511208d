import jwt from 'jsonwebtoken';
import { sessionCookie } from '../../../tests/support/buyer.ts';
import { sessionReader } from './session-cookies.ts';
import { tokenVerifier } from './verify-token.ts';

const key = 'the key of these tests, of 32 bytes';
const second = 1_000;
let now = Date.now();
const newVerifier = () => tokenVerifier([key], { now: () => now });
const sign = (payload: object) => jwt.sign(payload, key, { algorithm: 'HS256' });
const cookieOf = (payload: object) => sessionCookie(sign(payload));

test('When a session expires, then from that second on the next good one counts, and then none', () => {
  const end = Math.floor(now / second) + 60;
  const read = sessionReader(newVerifier());
  const cookies = `a=1; ${cookieOf({ id: 'anna', exp: end })}; ${cookieOf({ id: 'bert', exp: end + 1 })}`;
  const seen = [];
  for (const at of [now, end * second - 1, end * second, (end + 1) * second - 1, (end + 1) * second]) {
    now = at;
    seen.push(read(cookies)?.id);
  }
  expect(seen).toEqual(['anna', 'anna', 'bert', 'bert', undefined]);
});

test('When a session becomes good, then it counts', () => {
  const at = Math.floor(now / second) + 60;
  const read = sessionReader(newVerifier());
  const cookie = cookieOf({ id: 'anna', nbf: at });
  expect(read(cookie)).toBeUndefined();
  now = at * second;
  expect(read(cookie)).toEqual({ id: 'anna' });
});

test('When a session comes again, then its token is neither looked for nor verified a second time', () => {
  const { ofText } = newVerifier();
  let read = 0;
  const users = sessionReader({
    ofText: (text, tokenIn) =>
      ofText(text, (cookie) => {
        read++;
        return tokenIn(cookie);
      }),
  });
  const verify = jest.spyOn(jwt, 'verify');
  const [good, bad] = [cookieOf({ id: 'anna' }), sessionCookie(`${sign({ id: 'anna' })}x`)];
  expect([good, good, bad, bad].map((cookie) => users(cookie)?.id)).toEqual([
    'anna',
    'anna',
    undefined,
    undefined,
  ]);
  const verified = verify.mock.calls.length;
  verify.mockRestore();
  expect([read, verified]).toEqual([3, 3]);
});

test('When a session that is remembered comes as a bearer token, then it is none', () => {
  const users = newVerifier();
  const cookie = cookieOf({ id: 'anna' });
  expect(sessionReader(users)(cookie)).toEqual({ id: 'anna' });
  expect(users.ofToken(cookie)).toBeUndefined();
});
