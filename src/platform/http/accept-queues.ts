import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net';

/**
 * How many connections can wait in one queue while the process is busy. The system refuses more. It is the maximum of Linux
 * (net.core.somaxconn, 4,096), not Node's default of 511.
 */
const backlog = 4_096;

/**
 * Node accepts one connection of each queue in an event loop iteration (libuv since 1.46), and under load an iteration takes
 * many milliseconds: 8,000 clients that connect within two seconds overflow a single queue, and some are reset.
 */
const queues = 32;

type SharedListenOptions = ListenOptions & { reusePort?: boolean };

/** Whether a port can have several queues: on Linux, since Node 22.12 and 23.1. */
export function canShareAPort(version = process.versions.node, platform = process.platform): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (
    platform === 'linux' && (major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12))
  );
}

/** The port to listen on (0 takes any free one), of one address or of all addresses of the machine. */
export interface ListenTarget {
  port: number;
  host?: string | undefined;
}

export interface AcceptQueues {
  port: number;
  /** Accepts no new connections. Resolves when the accepted ones are closed. */
  close(): Promise<void>;
}

/**
 * Lets a server accept the connections of a port, from several queues if the system supports that.
 *
 * @throws when the port is in use
 */
export async function acceptConnections(
  server: HttpServer,
  { port, host }: ListenTarget,
  isShared = canShareAPort(),
): Promise<AcceptQueues> {
  const servers: Server[] = [server];
  try {
    // Without sharing, because a second service could listen on a shared port, too.
    const free = isShared ? await findFree({ port, host }) : port;
    await listening(server, { port: free, host, backlog, reusePort: isShared });
    const { port: taken } = server.address() as AddressInfo;
    for (let queue = 1; isShared && queue < queues; queue++) {
      const more = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) =>
        server.emit('connection', socket),
      );
      await listening(more, { port: taken, host, backlog, reusePort: true });
      servers.push(more);
    }
    return { port: taken, close: () => closeAll(servers) };
  } catch (error) {
    await closeAll(servers.filter(({ listening: isListening }) => isListening));
    throw error;
  }
}

async function findFree(target: ListenTarget): Promise<number> {
  const probe = createServer();
  await listening(probe, target);
  const { port: free } = probe.address() as AddressInfo;
  await closeAll([probe]);
  return free;
}

async function listening(server: Server, options: ListenTarget & SharedListenOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, resolve);
  });
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
}
