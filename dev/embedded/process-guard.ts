import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

/**
 * Reads process ids from its input, one a line (an empty line: none is running). When the input ends, the last one's
 * process group is killed and the folder removed. `rm` is tried twice, since a dying server may still add a file.
 */
const script = `
trap '' HUP INT TERM
running=
while read -r line; do running=$line; done
[ -z "$running" ] || kill -s KILL -- "-$running" 2>/dev/null
rm -rf -- "$0" 2>/dev/null || { sleep 1; rm -rf -- "$0"; }
[ $# -eq 0 ] || exec "$@"
`;

/** A small shell process that cleans up after this one, however it ends. */
export interface Guard {
  /** Sets the process group to kill; `undefined` once it has ended by itself. */
  watch(pid: number | undefined): void;
  /** Kills the process group, removes the folder, and resolves when both are done. */
  dismiss(): Promise<void>;
}

/**
 * Guarantees that a server and its folder do not outlive this process, not even after SIGKILL: the pipe to the guard
 * closes however the process ends. (An `exit` listener alone would miss signals and crashes, and with signal listeners the
 * program would no longer decide when it ends.)
 *
 * @param folder a temporary one, which is removed at the end
 * @param cleanUp a command to run at the end, such as the removal of a container
 */
export function startGuard(folder: string, cleanUp: string[] = []): Guard {
  const guard = spawn('sh', ['-c', script, folder, ...cleanUp], {
    // A session of its own: a Ctrl-C in the terminal must not reach it before the servers are stopped.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  const ended = once(guard, 'exit');
  // Without a shell there is no guard, and the servers are still stopped by `stop()` and by the `exit` listener.
  ended.catch(() => undefined);
  // Writing to a guard that was killed fails, and does not matter.
  guard.stdin.on('error', () => undefined);
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();

  return {
    watch(pid) {
      if (guard.stdin.writable) guard.stdin.write(`${pid ?? ''}\n`);
    },
    async dismiss() {
      guard.ref();
      guard.stdin.end();
      if (guard.exitCode === null && guard.signalCode === null) await ended;
    },
  };
}
