/**
 * Waits for work, but no longer than `milliseconds`: then it returns or throws what `onTimeout` does, and the work may go
 * on.
 */
export async function withTimeout<Value, Late>(
  milliseconds: number,
  work: Promise<Value>,
  onTimeout: () => Late,
): Promise<Value | Late> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    return await Promise.race([work, late.then(onTimeout)]);
  } finally {
    clearTimeout(timer);
  }
}
