/** Says what is wrong with the command line, and what would be right. */
export class BadUsage extends Error {}

/**
 * Runs an operators' command with the process's arguments; `main` resolves with the exit code. `--help` prints the
 * usage; so does a wrong command line, which exits with 2, any other failure with 1.
 */
export function runCommand(main: (args: string[]) => Promise<number>, usage: string): void {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(usage);
    return;
  }
  main(args).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      const isUsage =
        error instanceof BadUsage || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
      console.error(isUsage ? `${(error as Error).message}\n${usage}` : String(error));
      process.exitCode = isUsage ? 2 : 1;
    },
  );
}
