import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compiled } from './measured-process.ts';
import type { Jobs } from './run/worker.ts';

/** A process that does jobs for the benchmark, one at a time. It ends with this one, since their channel does. */
export interface Worker {
  /** @throws when the job fails, with its error */
  ask<Name extends keyof Jobs>(name: Name, wish: Jobs[Name]['wish']): Promise<Jobs[Name]['result']>;
  stop(): Promise<void>;
}

export function startWorker(): Worker {
  const child = spawn(process.execPath, [compiled('run/worker.js')], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  return {
    async ask(name, wish) {
      const answer = once(child, 'message');
      child.send({ name, wish });
      const gone = ended.then(() => [{ failure: `the worker ended during ${name}` }]);
      const [{ result, failure }] = (await Promise.race([answer, gone])) as [Answer<typeof name>];
      if (failure !== undefined) throw new Error(`${name}: ${failure}`);
      return result;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

interface Answer<Name extends keyof Jobs> {
  result: Jobs[Name]['result'];
  failure?: string;
}
