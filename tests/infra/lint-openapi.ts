import { createConfig, lintFromString } from '@redocly/openapi-core';
import { orderHttp } from '../../src/orders/http/order-endpoints.ts';
import { openapi } from '../../src/platform/openapi/openapi.ts';

const { api: orderApi } = orderHttp();

/**
 * Prints what the linter's recommended rules find in the OpenAPI document, a problem per line, and exits with 1 if
 * there is any. A program of its own, since the linter is an ES module, which Jest does not load.
 */
const problems = await lintFromString({
  source: JSON.stringify(openapi(orderApi)),
  absoluteRef: 'openapi.json',
  config: await createConfig({ extends: ['recommended'] }),
});
for (const { severity, ruleId, message, location } of problems) {
  console.log(`${severity} ${ruleId}: ${message} at ${location[0]?.pointer ?? '?'}`);
}
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
