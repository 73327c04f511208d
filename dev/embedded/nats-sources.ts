import type { Log } from './first-available.ts';
import { installedNats, type NatsProgram, natsBuiltWithGo, releasedNats } from './nats-binary.ts';

/** One way to get a server's program. `find` resolves with its path, and throws Unavailable where it is not to be had. */
interface BinarySource {
  description: string;
  find(): Promise<string>;
}

/** Installed, built with Go, the release's archive. */
export function natsBinaries(program: NatsProgram, log: Log): BinarySource[] {
  const { title, version } = program;
  return [
    { description: `${title} (installed)`, find: () => installedNats(program) },
    { description: `${title} ${version} (built with go)`, find: () => natsBuiltWithGo(program, log) },
    { description: `${title} ${version} (release)`, find: () => releasedNats(program, log) },
  ];
}
