/** Makes work that is shared by all who ask for it while it runs. Whoever asks after that starts it again, failed or not. */
export function shareWhileRunning<Value>(work: () => Promise<Value>): () => Promise<Value> {
  let running: Promise<Value> | undefined;
  return () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
}
