import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

export interface JsonSchemas {
  /** The JSON Schema (2020-12) of what is sent (`input`) or of what it is read as (`output`). */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema;
  /** Adds a schema with this id, and returns the reference to it. */
  add(id: string, schema: JsonSchema): JsonSchema;
  /** The schemas that have an id, which the others refer to as `#/components/schemas/<id>`. */
  named: Record<string, JsonSchema>;
}

/** Turns zod schemas into JSON Schemas, collecting the named ones as OpenAPI and AsyncAPI want them. */
export function jsonSchemas(): JsonSchemas {
  const named: Record<string, JsonSchema> = {};
  function add(id: string, schema: JsonSchema): JsonSchema {
    if (!isDeepStrictEqual(named[id] ?? schema, schema)) throw new Error(`two schemas go by the name ${id}`);
    named[id] = schema;
    return { $ref: `#/components/schemas/${id}` };
  }
  return {
    named,
    add,
    of(schema, io) {
      // A schema with an id becomes a reference only inside of another one.
      const { properties, $defs = {} } = z.toJSONSchema(z.object({ root: schema }), {
        io,
        override: shorten,
      });
      for (const [id, definition] of Object.entries(inComponents($defs))) add(id, definition);
      const root = properties?.['root'];
      return inComponents(typeof root === 'object' ? root : {});
    },
  };
}

/** Leaves out what follows from the format or the type anyway, and would only be noise to a reader. */
function shorten({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function inComponents<Schema>(schema: Schema): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Schema;
}
