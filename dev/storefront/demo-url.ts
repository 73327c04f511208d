import { localUrl } from '../../src/platform/http/local-url.ts';

/** The address of a server of the demo: `localhost`, unless it listens on another address. */
export function demoUrl(port: number, listenAddress?: string): string {
  return localUrl(port, listenAddress).replace('//127.0.0.1:', '//localhost:');
}
