import { generateApi } from 'swagger-typescript-api';
import { orderHttp } from '../src/orders/http/order-endpoints.ts';
import { openapi } from '../src/platform/openapi/openapi.ts';

const { api: orderApi } = orderHttp();

/** Prints the types that the API's description has for a client in TypeScript: `npm run client-types`. */
const { files } = await generateApi({
  spec: JSON.parse(JSON.stringify(openapi(orderApi))),
  output: false,
  fileName: 'orders-api.ts',
  generateClient: false,
  enumStyle: 'union',
  silent: true,
});
const head = "// Made by `npm run client-types` of the service's description: change that.\n";
for (const { fileContent } of files) {
  // Its comments switch checkers off; these types should be checked.
  process.stdout.write(head + fileContent.replace(/^(?:\/\* \w+[-:]disable \*\/|\/\/ @ts-nocheck)\n/gm, ''));
}
