import { isIPv6 } from 'node:net';

const everyAddress = ['0.0.0.0', '::'];

/** The URL for clients on this machine of a server that listens on the address; undefined means all addresses. */
export function localUrl(port: number, address?: string): string {
  const host = address === undefined || everyAddress.includes(address) ? '127.0.0.1' : address;
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
