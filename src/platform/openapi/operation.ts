import type { RequestSchema } from '../http/request-schema.ts';
import type { ResponseSpec } from './response.ts';

/** A route as clients are told of it: what it takes, and every answer that it gives. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete' | 'options';
  /** As the router has it: `/api/orders/:orderId`. */
  path: string;
  operationId: string;
  summary: string;
  description: string;
  /** Absent: the client is signed in. */
  session?: 'not needed';
  /** What its route validates. */
  request?: RequestSchema;
  /** By status. */
  answers: Record<number, ResponseSpec>;
}
