import { localUrl } from '../../src/platform/http/local-url.ts';
import { startTestService, testConfig } from '../support/running-service.ts';

// On Linux all of 127.0.0.0/8 is this machine.
const elsewhere = (url: string) => url.replace('127.0.0.1', '127.0.0.2');

test('When there is an address to listen on, then neither port is open on another one', async () => {
  const config = testConfig({ listenAddress: '127.0.0.1', probesPort: 0 });
  const { url, probesUrl } = await startTestService(config);
  for (const path of [`${url}/api/orders`, `${probesUrl}/healthz`]) {
    expect((await fetch(path)).status).toBeLessThan(500);
    await expect(fetch(elsewhere(path))).rejects.toThrow('fetch failed');
  }
});

test.each([
  [undefined, 'http://127.0.0.1:80'],
  ['0.0.0.0', 'http://127.0.0.1:80'],
  ['::', 'http://127.0.0.1:80'],
  ['::1', 'http://[::1]:80'],
  ['10.1.2.3', 'http://10.1.2.3:80'],
])('When it listens on %s, then a client of this machine finds it at %s', (address, url) => {
  expect(localUrl(80, address)).toBe(url);
});
