import { setTimeout as delay } from 'node:timers/promises';
import { type Guard, startGuard } from './process-guard.ts';
import { type ServerChild, spawnServer } from './server-child.ts';

/** How a server program is started, and how it is known to serve. */
export interface ServerProgram {
  /** Named in errors, and in the name of the data folder. */
  name: string;
  command: string;
  args(location: { port: number; folder: string }): string[];
  /** Matches the line that the program prints once it serves. */
  ready: RegExp;
  /** Whether the port answers in the server's own protocol. Called again until it does. */
  isServing(port: number): Promise<boolean>;
  /** A command that removes what is left behind when the process is killed. */
  cleanUp?: (port: number) => string[];
}

const startTimeoutMs = 30_000;
const endTimeoutMs = 5_000;

/**
 * A server in a child process, with a port and a temporary data folder that it keeps until `stop()`. It never outlives
 * this process, however that ends (see process-guard.ts).
 */
export class ServerProcess {
  readonly port: number;
  readonly folder: string;
  readonly #program: ServerProgram;
  readonly #guard: Guard;
  #child: ServerChild | undefined;
  #stopped: Promise<void> | undefined;

  constructor(program: ServerProgram, port: number, folder: string) {
    this.#program = program;
    this.port = port;
    this.folder = folder;
    this.#guard = startGuard(folder, program.cleanUp?.(port));
    process.on('exit', this.#killAtExit);
  }

  /** The id of the running process, which leads a process group; `undefined` when none runs. */
  get pid(): number | undefined {
    return this.#child?.isAlive() ? this.#child.pid : undefined;
  }

  /**
   * Starts the server on its port and data, and resolves once it answers. A running one is ended first (SIGTERM, and
   * SIGKILL after 5 s).
   *
   * @throws when it ends or does not answer within 30 s; its last output is in the message
   */
  async restart(): Promise<void> {
    this.#throwIfStopped();
    await this.#end();
    const { command, args, ready } = this.#program;
    const child = await spawnServer(command, args({ port: this.port, folder: this.folder }), {
      folder: this.folder,
      ready,
    });
    this.#child = child;
    this.#guard.watch(child.pid);
    try {
      // `stop()` may have been called before there was a process to end.
      this.#throwIfStopped();
      await this.#waitUntilServing(child);
    } catch (error) {
      await this.kill('SIGKILL');
      throw error;
    }
  }

  /** Sends a signal that ends the server, and resolves when it has ended. Its data and port remain for `restart()`. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.signal(signal);
    // A frozen process dies of SIGKILL only; anything else would wait until it is resumed.
    this.resume();
    await child.ended;
    this.#guard.watch(undefined);
    this.#child = undefined;
  }

  /** Stops the process where it is: connections stay open and nothing answers. */
  freeze(): void {
    this.#child?.signal('SIGSTOP');
  }

  /** Lets a frozen process continue; has no effect on one that is not frozen. */
  resume(): void {
    this.#child?.signal('SIGCONT');
  }

  /** Ends the server for good, frozen or not, and removes its data. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopped ??= this.#endAndClean();
    return this.#stopped;
  }

  async #endAndClean(): Promise<void> {
    try {
      // A clean end is not needed: the data is removed.
      await this.kill('SIGKILL');
    } finally {
      process.off('exit', this.#killAtExit);
      await this.#guard.dismiss();
    }
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) throw new Error(`${this.#program.name} was stopped for good`);
  }

  readonly #killAtExit = (): void => this.#child?.signal('SIGKILL');

  async #end(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const late = setTimeout(() => child.signal('SIGKILL'), endTimeoutMs);
    await this.kill('SIGTERM').finally(() => clearTimeout(late));
  }

  async #waitUntilServing(child: ServerChild): Promise<void> {
    const { name, isServing } = this.#program;
    const deadline = Date.now() + startTimeoutMs;
    while (Date.now() < deadline) {
      if (!child.isAlive()) throw new Error(`${name} ended (${await child.ended}):\n${child.output()}`);
      if (child.isReady() && (await isServing(this.port))) return;
      await delay(20);
    }
    throw new Error(`${name} does not answer after ${startTimeoutMs / 1000} s:\n${child.output()}`);
  }
}
