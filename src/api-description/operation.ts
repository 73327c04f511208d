import type { z } from 'zod';
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
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: { schema: z.ZodType; required: 'required' | 'optional' };
  /** By status. */
  answers: Record<number, ResponseSpec>;
}
