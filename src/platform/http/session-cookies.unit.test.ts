import { sessionReader } from './session-cookies.ts';

const cookieOf = (session: unknown) =>
  `express:sess=${Buffer.from(JSON.stringify(session)).toString('base64')}`;

test('When a session that was good comes again, then its token is verified again', () => {
  const good = new Set(['first', 'second']);
  const read = sessionReader((token) => (good.has(token) ? token : undefined));
  const cookies = `a=1; ${cookieOf({ jwt: 'first' })}; ${cookieOf({ jwt: 'second' })}`;
  expect([read(cookies), read(cookies)]).toEqual(['first', 'first']);
  good.delete('first');
  expect(read(cookies)).toBe('second');
  good.clear();
  expect(read(cookies)).toBeUndefined();
});

test('When a session becomes good, then it counts', () => {
  const good = new Set<string>();
  const read = sessionReader((token) => (good.has(token) ? token : undefined));
  expect(read(cookieOf({ jwt: 'late' }))).toBeUndefined();
  good.add('late');
  expect(read(cookieOf({ jwt: 'late' }))).toBe('late');
});
