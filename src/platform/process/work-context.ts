import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The data of one unit of work, such as a request or a message. `AsyncLocalStorage` carries it, not every signature. It is
 * one object, so that a request costs one `run` of the storage.
 */
export interface WorkContext {
  /** Operations may start until then, in milliseconds of `performance.now()`; -Infinity after the response. */
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

/** The context of the current work; outside any context there is no deadline, no request and no message. */
export function currentContext(): WorkContext {
  return storage.getStore() ?? noContext;
}

/** Does work in a context. */
export function runInContext<Result>(context: WorkContext, work: () => Result): Result {
  return storage.run(context, work);
}

/**
 * Does work that does not belong to one request: after its response, in a pass of a loop, or a log line about the whole
 * process. It has no deadline, and its log lines and events name no request.
 */
export function outsideContext<Result>(work: () => Result): Result {
  return storage.run(noContext, work);
}

/** The fields of log lines about the unit of work; a new object for each line. */
export function contextLogFields(): object {
  const { requestId, message } = currentContext();
  if (message) return { ...message };
  return requestId === undefined ? {} : { requestId };
}
