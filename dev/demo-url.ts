import { localUrl } from '../src/platform/http/local-url.ts';

/** Where a server of the demo is: by the name that everybody knows, unless it listens on another address. */
export function demoUrl(port: number, listenAddress?: string): string {
  return localUrl(port, listenAddress).replace('//127.0.0.1:', '//localhost:');
}
