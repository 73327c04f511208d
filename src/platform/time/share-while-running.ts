/** Returns a function that starts the work, or shares it while it runs. A call after its end, or failure, starts it again. */
export function shareWhileRunning<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
