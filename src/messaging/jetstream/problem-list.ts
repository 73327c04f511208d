import type { Logger } from 'pino';

/** What the last look at the broker's configuration has found. Each problem is logged once, when it is found. */
export function createProblemList(log: Logger) {
  let problems: string[] = [];
  return {
    problems: () => problems,

    /** Takes the place of what was found before. */
    replace(found: string[]): void {
      for (const problem of found)
        if (!problems.includes(problem)) log.error({ problem }, 'the broker does not keep what is promised');
      problems = found;
    },
  };
}
