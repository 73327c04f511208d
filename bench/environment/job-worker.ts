import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Jobs } from '../jobs/run-jobs.ts';
import { compiled } from './compiled.ts';

/** A process that runs jobs for the benchmark, one at a time. It ends with this one, since their channel does. */
export interface JobWorker {
  /** @throws when the job fails, with its error */
  run<Name extends keyof Jobs>(name: Name, input: Jobs[Name]['input']): Promise<Jobs[Name]['result']>;
  stop(): Promise<void>;
}

export function startJobWorker(): JobWorker {
  const child = spawn(process.execPath, [compiled('jobs/run-jobs.js')], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  return {
    async run(name, input) {
      const reply = once(child, 'message');
      child.send({ name, input });
      const gone = ended.then(() => [{ error: `the worker ended during ${name}` }]);
      const [{ result, error }] = (await Promise.race([reply, gone])) as [Reply<typeof name>];
      if (error !== undefined) throw new Error(`${name}: ${error}`);
      return result;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

interface Reply<Name extends keyof Jobs> {
  result: Jobs[Name]['result'];
  error?: string;
}
