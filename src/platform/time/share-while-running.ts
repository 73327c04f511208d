/** Makes work that is begun once for all who ask for it while it is under way, and anew for the next, failed or not. */
export function shareWhileRunning<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
