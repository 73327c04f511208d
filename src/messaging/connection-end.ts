/** Whether a connection is open still, and why it has ended. */
export interface ConnectionEnd {
  isOpen(): boolean;
  /** Resolves when the connection is gone, with the reason. */
  ended: Promise<string>;
  /** Ends it at once, without a request to the server. Only the first reason counts. */
  end(reason: unknown): void;
}

/** Watches one connection, which `destroy` takes down. That is called once, when the end is known already. */
export function createConnectionEnd(destroy: () => void): ConnectionEnd {
  let open = true;
  let resolveEnded: (reason: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    resolveEnded = resolve;
  });
  return {
    isOpen: () => open,
    ended,
    end(reason) {
      if (!open) return;
      open = false;
      resolveEnded(reasonOf(reason));
      destroy();
    },
  };
}

/** An error's message; the libraries emit plain strings, too. */
export function reasonOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
