import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { newId, signedIn } from './buyer.ts';
import type { documentedResponses } from './documented-responses.ts';
import { exchange, readAnswer } from './raw-http.ts';

const { api: orderApi } = orderHttp();

/** What is sent in another way than the operation's plain request. */
interface Sent {
  method?: string;
  url?: string;
  id?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
}

function operation(operationId: string) {
  const found = orderApi.operations.find((one) => one.operationId === operationId);
  if (!found) throw new Error(`there is no ${operationId}`);
  return found;
}

/** Sends operations' requests to the service at `serviceUrl()`, and checks the answers against the document. */
export function createDriver(
  answers: Pick<ReturnType<typeof documentedResponses>, 'check'>,
  serviceUrl: () => string,
) {
  return {
    /** Sends the operation's request. The answer must have this status, and be as documented. */
    async drive(operationId: string, status: number, sent: Sent = {}): Promise<void> {
      const { url = serviceUrl(), id = newId(), query = '', headers = {}, body } = sent;
      const { path } = operation(operationId);
      const { method = operation(operationId).method } = sent;
      const answer = await fetch(`${url}${path.replace(':orderId', id)}${query}`, {
        method: method.toUpperCase(),
        headers: {
          ...signedIn(),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body }),
      });
      expect([operationId, answer.status]).toEqual([operationId, status]);
      await answers.check(operationId, answer);
    },

    /** The same for a request that is not proper HTTP. */
    async driveRaw(
      operationId: string,
      status: number,
      header: string,
      { port = Number(new URL(serviceUrl()).port), end = '\r\n\r\n' } = {},
    ): Promise<void> {
      const { method, path } = operation(operationId);
      const head = `${method.toUpperCase()} ${path.replace(':orderId', newId())} HTTP/1.1\r\nHost: x\r\n`;
      const text = await exchange(port, Buffer.from(`${head}${header}${end}`));
      const answer = readAnswer(text);
      expect([operationId, answer?.status]).toEqual([operationId, status]);
      await answers.check(
        operationId,
        new Response(answer?.body, { status, headers: [...(answer?.headers ?? [])] }),
      );
    },
  };
}
