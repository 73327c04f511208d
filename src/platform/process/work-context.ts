import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What belongs to one unit of work, such as a request or a message. It travels with asynchronous work by itself, not
 * through signatures. One object, so that a request costs one run of the storage.
 */
export interface WorkContext {
  /** Until when something may be begun, in milliseconds of `performance.now()`; -Infinity once the work is answered. */
  endsAt: number;
  /** The id of the HTTP request: in log lines, and the `correlationId` of the events. */
  readonly requestId?: string | undefined;
  /** The message that is being handled. For log lines only. */
  readonly message?:
    | { readonly subject: string; readonly sequence: number; readonly attempt: number }
    | undefined;
}

const noContext: WorkContext = { endsAt: Number.POSITIVE_INFINITY };
const storage = new AsyncLocalStorage<WorkContext>();

/** The context of what is being done; outside any there is no deadline, no request and no message. */
export function currentContext(): WorkContext {
  return storage.getStore() ?? noContext;
}

/** Does work in a context. */
export function runInContext<Result>(context: WorkContext, work: () => Result): Result {
  return storage.run(context, work);
}

/**
 * Does what is nobody's, or many people's: what goes on after the answer, a pass of a loop, a line about the whole process.
 * It has no deadline, and its log lines and events name no request.
 */
export function outsideContext<Result>(work: () => Result): Result {
  return storage.run(noContext, work);
}

/** What log lines say about the unit of work; a new object for each. */
export function contextLogFields(): object {
  const { requestId, message } = currentContext();
  if (message) return { ...message };
  return requestId === undefined ? {} : { requestId };
}
