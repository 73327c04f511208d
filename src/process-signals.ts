/**
 * A signal that aborts when the process is asked to end, by SIGTERM or SIGINT; its `reason` is which. Asked once more
 * it ends at once with exit code 1, whatever it is doing.
 */
export function shutdownSignal(): AbortSignal {
  const asked = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (asked.signal.aborted) process.exit(1);
      asked.abort(name);
    });
  }
  return asked.signal;
}
