import { STATUS_CODES } from 'node:http';

/** One entry of a response's `errors`. */
export interface Problem {
  message: string;
  field?: string;
  code?: string;
  [detail: string]: unknown;
}

/** An error for the client; error-handler.ts makes its response. Defined in common-errors.ts and in the nouns' `http/`. */
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
