import { connect } from 'node:net';

const patienceMs = 1_000;

/** Whether a NATS server greets at this port of the machine, as it does on every new connection. */
export function natsGreets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const conclude = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(patienceMs, () => conclude(false));
    socket.once('error', () => conclude(false));
    socket.once('data', (greeting) => conclude(greeting.toString('latin1').startsWith('INFO')));
  });
}
