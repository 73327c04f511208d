import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  /** By name in small letters. */
  headers: Map<string, string>;
  body: string;
}

/**
 * Writes the bytes to a connection of their own, as no well-behaved client could, and reads until the server has
 * closed it; or hangs up as soon as they are written.
 *
 * @throws when the connection is still open after 15 s
 */
export async function exchange(
  port: number,
  bytes: Uint8Array,
  end: 'hang up' | 'wait' = 'wait',
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () =>
      end === 'wait' ? socket.write(bytes) : socket.end(bytes),
    );
    const deadline = setTimeout(() => {
      socket.destroy();
      reject(new Error(`still open, after ${Buffer.concat(chunks).toString('latin1')}`));
    }, 15_000);
    socket.on('data', (chunk) => chunks.push(chunk));
    // The server may leave while bytes are on their way; what it has said until then counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(deadline);
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
  });
}

/** The final answer at the beginning of what a server has sent; undefined when there is none. */
export function readAnswer(text: string): RawAnswer | undefined {
  const final = text.replace(/^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n(?:[^\r]+\r\n)*\r\n)*/, '');
  const [head = '', ...rest] = final.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1];
  if (status === undefined) return undefined;
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers.get('content-length') ?? 0);
  return { status: Number(status), headers, body: rest.join('\r\n\r\n').slice(0, length) };
}
