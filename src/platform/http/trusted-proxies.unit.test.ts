import type { IncomingMessage } from 'node:http';
import express from 'express';
import { type TrustedProxies, trustProxies } from './trusted-proxies.ts';

/** The address that a request counts by, which came over a connection from `from`. */
function addressOf(trusted: TrustedProxies, from: string | undefined, forwardedFor?: string) {
  const app = express();
  trustProxies(app, trusted);
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
  const message = { headers, socket: { remoteAddress: from } } as Partial<IncomingMessage>;
  return Object.setPrototypeOf(message, app.request).ip as string | undefined;
}

test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['1.2.3.4:5678', '1.2.3.4'],
  ['[2001:db8::1]:443', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:1.2.3.4', '::ffff:1.2.3.4'],
  // What the client has claimed itself stands further left.
  ['9.9.9.9:1, 1.2.3.4:5678', '1.2.3.4'],
  ['[::9], 1.2.3.4 ', '1.2.3.4'],
])('When a proxy forwards for %s, then the address is %s', (forwardedFor, address) => {
  expect(addressOf(1, '10.0.0.1', forwardedFor)).toBe(address);
  expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor)).toBe(address);
});

test.each([
  'unknown',
  '_hidden',
  '1.2.3',
  '1.2.3.4:',
  '1.2.3.4:port',
  '1.2.3.4:5:6',
  '[1.2.3.4]:5',
  '[2001:db8::1',
  '2001:db8::1]:443',
  '[]:1',
  '9.9.9.9, unknown',
  ' ',
  ',',
  undefined,
])('When a proxy forwards for %p, then it counts as the proxy itself', (forwardedFor) => {
  expect(addressOf(1, '10.0.0.1', forwardedFor)).toBe('10.0.0.1');
  expect(addressOf(['10.0.0.0/8'], '10.0.0.1', forwardedFor)).toBe('10.0.0.1');
});

test('When there are several proxies, then each that is trusted is passed over, with a port or without', () => {
  const chain = '9.9.9.9, 1.2.3.4:5678, 10.0.0.3:99';
  expect(addressOf(2, '10.0.0.1', chain)).toBe('1.2.3.4');
  expect(addressOf(['10.0.0.0/8'], '10.0.0.1', chain)).toBe('1.2.3.4');
  // A hop that is no address ends the walk at the proxy that told of it.
  expect(addressOf(3, '10.0.0.1', '9.9.9.9, hidden, 10.0.0.3:99')).toBe('10.0.0.3');
});

test('When the connection is from nobody who is trusted, then the header counts for nothing', () => {
  for (const trusted of [0, ['192.168.0.0/16']]) {
    expect(addressOf(trusted, '10.0.0.1', '1.2.3.4')).toBe('10.0.0.1');
    expect(addressOf(trusted, undefined, '1.2.3.4')).toBeUndefined();
  }
});

test('When a header claims more proxies than there are anywhere, then no more than 32 of them are gone through', () => {
  const chain = Array.from({ length: 1_000 }, (_, hop) => `10.0.${hop >> 8}.${hop & 255}`).join(', ');
  // The last stands next to the proxy, so the 32nd from the right is the 969th.
  expect(addressOf(['10.0.0.0/8'], '10.9.9.9', chain)).toBe('10.0.3.200');
});
