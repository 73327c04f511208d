import { STATUS_CODES } from 'node:http';

/** One entry of an answer's `errors`. */
export interface Problem {
  message: string;
  field?: string;
  code?: string;
  [detail: string]: unknown;
}

/** An error that the client is to see. error-handler.ts makes the answer of it; the errors are in common-errors.ts and beside their nouns. */
export class HttpError extends Error {
  readonly status: number;
  readonly problems: Problem[];
  readonly headers: Record<string, string>;
  constructor(status: number, problems: Problem | Problem[], headers: Record<string, string> = {}) {
    super(STATUS_CODES[status]);
    this.name = 'HttpError';
    this.status = status;
    this.problems = [problems].flat();
    this.headers = headers;
  }
}
