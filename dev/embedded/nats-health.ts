import { connect } from 'node:net';

const timeoutMs = 1_000;

/** Whether a NATS server at this port sends its greeting, as it does on every new connection. */
export function isNatsServing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('data', (greeting) => finish(greeting.toString('latin1').startsWith('INFO')));
  });
}
