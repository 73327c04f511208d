import { connect, type Socket } from 'node:net';

export interface CrowdConnectionDeps {
  host: string;
  port: number;
  /** The bytes of the next request. */
  nextRequest: () => Buffer;
  whenRefused: 'wait' | 'ask again';
  /** Called with every response: the connection, its status, and the time since the request, in milliseconds. */
  onResponse: (socket: Socket, status: number, milliseconds: number) => void;
  /** Called when the connection has ended, with the error's code or `ended`. */
  onClose: (reason: string) => void;
}

interface ResponseHead {
  status: number;
  retryAfterMs: number;
}

/** One buyer of the crowd, on a bare socket: sends the next request as soon as the one before was answered. */
export function openCrowdConnection(deps: CrowdConnectionDeps): Socket {
  const socket = connect(deps.port, deps.host);
  socket.setNoDelay(true);
  let sentAt = 0;
  let received = '';
  const send = () => {
    sentAt = performance.now();
    socket.write(deps.nextRequest());
  };
  socket.on('connect', send);
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    const response = readHead(received);
    if (!response) return;
    received = '';
    deps.onResponse(socket, response.status, performance.now() - sentAt);
    if (response.status === 503 && deps.whenRefused === 'wait') setTimeout(send, response.retryAfterMs);
    else send();
  });
  let reason = 'ended';
  socket.on('error', (error: NodeJS.ErrnoException) => (reason = error.code ?? reason));
  socket.on('close', () => deps.onClose(reason));
  return socket;
}

/** The head of the response at the beginning of `text`, once the whole response is there. */
function readHead(text: string): ResponseHead | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
  if (text.length < end + 4 + length) return undefined;
  const retryAfterMs = Number(/\r\nretry-after: (\d+)/i.exec(head)?.[1] ?? 0) * 1_000;
  return { status: Number(text.slice(9, 12)), retryAfterMs };
}
