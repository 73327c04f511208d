import { readNatsAddress } from './nats-server-url.ts';

test.each([
  ['nats://a:4222', {}],
  ['nats://user:pass@a:4222', { user: 'user', pass: 'pass' }],
  ['tls://us%40er:p%3Aa%2Fs%25s@a:4222', { user: 'us@er', pass: 'p:a/s%s' }],
  ['nats://to%2Fken@a:4222', { token: 'to/ken' }],
  ['nats://token:@a:4222', { token: 'token' }],
])('When the URL is %s, then its login is decoded, and not left in it', (url, login) => {
  const read = readNatsAddress(url);
  expect(read.login).toEqual(login);
  expect(read.url).toMatch(/^(nats|tls):\/\/a:4222$/);
});

test.each(['nats://user:p%zz@a', 'nats://%C3%28:pass@a', 'nats://100%@a', 'nats://:pass@a'])(
  'When the login of %s cannot be decoded, then that is an error',
  (url) => {
    expect(() => readNatsAddress(url)).toThrow(URIError);
  },
);
