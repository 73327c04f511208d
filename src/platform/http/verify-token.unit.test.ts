import jwt from 'jsonwebtoken';
import { tokenVerifier } from './verify-token.ts';

const [present, previous] = [
  'the present key, of 32 bytes at least',
  'the previous key, of 32 bytes at least',
];
const second = 1_000;
const sign = (payload: object, key = present, options: jwt.SignOptions = {}) =>
  jwt.sign(payload, key, { algorithm: 'HS256', ...options });

let now = Date.now();
const clock = { now: () => now };
const expiringAt = (ms: number) => sign({ id: 'anna', exp: Math.floor(ms / second) });

test('When a token is sent again, then it is still of the same user', () => {
  const verify = tokenVerifier([present], clock).ofToken;
  const token = sign({ id: 'anna' });
  expect([verify(token), verify(token)]).toEqual([{ id: 'anna' }, { id: 'anna' }]);
});

test('When a remembered token expires, then nobody is signed in from that second on', () => {
  const verify = tokenVerifier([present], clock).ofToken;
  const end = Math.floor(now / second + 60) * second;
  const token = expiringAt(end);
  expect(verify(token)).toEqual({ id: 'anna' });
  now = end - 1;
  expect(verify(token)).toEqual({ id: 'anna' });
  now = end;
  expect(verify(token)).toBeUndefined();
  expect(verify(token)).toBeUndefined();
});

test.each([0, 1, 2])(
  'When a token comes %d ms before its end, then nobody is signed in at its end',
  (left) => {
    const verify = tokenVerifier([present], clock).ofToken;
    const end = Math.floor(now / second + 60) * second;
    const token = expiringAt(end);
    now = end - 1 - left;
    expect(verify(token)).toEqual({ id: 'anna' });
    now = end - 1;
    expect(verify(token)).toEqual({ id: 'anna' });
    now = end;
    expect(verify(token)).toBeUndefined();
  },
);

test('When the end of a token is a part of a second, then it counts as the library has it, each time', () => {
  const verify = tokenVerifier([present], clock).ofToken;
  const end = Math.floor(now / second + 60);
  const token = sign({ id: 'anna', exp: end + 0.5 });
  for (const [ms, user] of [
    [end * second, { id: 'anna' }],
    [(end + 1) * second - 1, { id: 'anna' }],
    [(end + 1) * second, undefined],
  ] as const) {
    now = ms;
    expect([verify(token), verify(token)]).toEqual([user, user]);
  }
});

test('When a token of the previous key comes again, then it counts as long as that key is accepted', () => {
  const token = sign({ id: 'anna' }, previous);
  const rotating = tokenVerifier([present, previous], clock).ofToken;
  expect([rotating(token), rotating(token)]).toEqual([{ id: 'anna' }, { id: 'anna' }]);
  expect(tokenVerifier([present], clock).ofToken(token)).toBeUndefined();
});

test.each([
  ['of another algorithm', sign({ id: 'anna' }, present, { algorithm: 'HS512' })],
  ['without a signature', jwt.sign({ id: 'anna' }, '', { algorithm: 'none' })],
  ['of another key', sign({ id: 'anna' }, 'some other key, of 32 bytes at least')],
  ['without an id', sign({ email: 'anna@example.com' })],
  ['with an id that is no text', sign({ id: 7 })],
  ['with an empty id', sign({ id: '' })],
  ['garbage', 'garbage'],
])('When a token is %s, then nobody is signed in, the second time neither', (_, token) => {
  const verify = tokenVerifier([present], clock).ofToken;
  expect([verify(token), verify(token)]).toEqual([undefined, undefined]);
});

test('When a remembered token is changed in one character, then nobody is signed in', () => {
  const verify = tokenVerifier([present], clock).ofToken;
  const token = sign({ id: 'anna' });
  verify(token);
  const [header, , signature] = token.split('.');
  const other = sign({ id: 'bert' }).split('.')[1];
  expect(verify(`${header}.${other}.${signature}`)).toBeUndefined();
});

test('When more tokens come than are remembered, then all of them count', () => {
  const verify = tokenVerifier([present], { ...clock, max: 2 }).ofToken;
  const tokens = ['a', 'b', 'c', 'd'].map((id) => sign({ id }));
  for (let round = 0; round < 2; round++) {
    expect(tokens.map(verify)).toEqual(['a', 'b', 'c', 'd'].map((id) => ({ id })));
  }
});

/** How often the library verifies while these tokens come. */
function verifications(verify: (token: string) => unknown, tokens: string[]): number {
  const library = jest.spyOn(jwt, 'verify');
  for (const token of tokens) expect(verify(token)).toBeDefined();
  const count = library.mock.calls.length;
  library.mockRestore();
  return count;
}

test('When more tokens come than are remembered, then those that came least lately are forgotten, so that memory is bounded', () => {
  const verify = tokenVerifier([present], { ...clock, max: 2 }).ofToken;
  const [a = '', b = '', c = ''] = ['a', 'b', 'c'].map((id) => sign({ id }));
  expect(verifications(verify, [a, b, a, c])).toBe(3);
  expect(verifications(verify, [a, c])).toBe(0);
  expect(verifications(verify, [b])).toBe(1);
});

test('When nothing else is said, then some thousand tokens are remembered', () => {
  const verify = tokenVerifier([present], clock).ofToken;
  const tokens = Array.from({ length: 10_001 }, (_, number) => sign({ id: String(number) }));
  expect(verifications(verify, tokens)).toBe(10_001);
  expect(verifications(verify, tokens.slice(1))).toBe(0);
  expect(verifications(verify, tokens.slice(0, 1))).toBe(1);
});

test('When a token is longer than tokens are, then it counts and is not remembered', () => {
  const verify = tokenVerifier([present], clock).ofToken;
  const long = sign({ id: 'anna', more: 'x'.repeat(1_500) });
  expect(verifications(verify, [long, long])).toBe(2);
});

test('When a user that was given out is changed by its receiver, then the next one is not', () => {
  const verify = tokenVerifier([present], clock).ofToken;
  const token = sign({ id: 'anna' });
  verify(token);
  const user = verify(token);
  if (user) user.id = 'bert';
  expect(verify(token)).toEqual({ id: 'anna' });
});
