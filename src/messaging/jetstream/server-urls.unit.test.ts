import { readServerUrls } from './server-urls.ts';

test('When several servers are given, then each is read, and the login of one is that of all', () => {
  expect(readServerUrls('nats://us%40er:p%2Fw@a:4223, nats://b')).toEqual({
    servers: ['nats://a:4223', 'nats://b:4222'],
    tls: false,
    login: { user: 'us@er', pass: 'p/w' },
  });
});

test('When one of them is given with TLS, then the connection has it, whichever server takes it', () => {
  expect(readServerUrls('nats://a,tls://b')).toMatchObject({ tls: true, login: {} });
});

test.each(['', 'nats://a,', 'http://a', 'nats://a,b', 'nats://u:p@a,nats://u:other@b', 'nats://u:%zz@a'])(
  'When the URLs are %j, then they are refused',
  (given) => expect(readServerUrls(given)).toBeUndefined(),
);
