import { z } from "zod";
import { API_BASE, problemSchema } from "./index.ts";
import type { Operation } from "./openapi-operation.ts";
import { operations, schemas } from "./openapi-operations.ts";

export { operations, type Operation };

type Json = { [key: string]: unknown };

/** Name of the session's cookie over plain HTTP; over HTTPS `__Secure-` stands before it. */
const COOKIE = "sonde.session_token";

const words: Record<Operation["access"], string> = {
  public: "Needs no sign-in.",
  read: "For signed-in people and every API token.",
  write: "For signed-in people and API tokens with write access.",
  person: "For signed-in people; API tokens are refused.",
};

/** The OpenAPI 3.1 document of everything under /api/v1, made from the schemas that the routes themselves parse with. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = operationOf(operation);
  const { schemas: components } = z.toJSONSchema(named, { uri: (id) => `#/components/schemas/${id}`, io: "output", override: tidy });
  return {
    openapi: "3.1.0",
    info: {
      title: "Sonde",
      version,
      description:
        "Times are RFC 3339, 64-bit counters decimal texts, cursors opaque. Every failure is a problem document (RFC 9457) whose " +
        "`code` is one of a closed list. Send an API token as `Authorization: Bearer sonde_…`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: API_BASE }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(components).map(([name, schema]) => [name, stripped(schema)])),
      responses: { Problem: { description: "What went wrong", content: { "application/problem+json": { schema: ref("Problem") } } } },
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token, sonde_…" },
        session: { type: "apiKey", in: "cookie", name: COOKIE, description: "A person's session; changes need the page's own Origin" },
      },
    },
  };
}

const named = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries({ ...schemas, Problem: problemSchema })) named.add(schema, { id });

function operationOf({ id, summary, access, path, query, body, example, answers, status }: Operation): Json {
  return {
    operationId: id,
    summary,
    description: words[access],
    "x-sonde-access": access,
    security: access === "public" ? [] : access === "person" ? [{ session: [] }] : [{ token: [] }, { session: [] }],
    parameters: [...pathParameters(path), ...queryParameters(query, example?.query)],
    ...(body ? { requestBody: { required: true, content: bodyOf(body, example?.body) } } : {}),
    responses: {
      [status ?? 200]: { description: summary, ...(answers ? { content: contentOf(answers) } : {}) },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

function pathParameters(path: string): Json[] {
  const uuid = { type: "string", format: "uuid" };
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: "path", required: true, schema: uuid }));
}

/** What is sent says the type and whether it may be left out; where that is any text that becomes a number, what it becomes. */
function queryParameters(query: z.ZodObject | undefined, example: Readonly<Record<string, string>> = {}): Json[] {
  if (!query) return [];
  const options = { override: tidy, unrepresentable: "any" } as const;
  const { properties: sent = {}, required = [] } = z.toJSONSchema(query, { ...options, io: "input" });
  const { properties: parsed = {} } = z.toJSONSchema(query, { ...options, io: "output" });
  return Object.entries(sent).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: isTyped(schema) ? schema : parsed[name],
    ...(example[name] === undefined ? {} : { example: example[name] }),
  }));
}

const isTyped = (schema: object | boolean): boolean => typeof schema === "object" && ("type" in schema || "anyOf" in schema);

function bodyOf(body: z.ZodType, example: unknown): Json {
  const schema = stripped(z.toJSONSchema(body, { io: "input", override: tidy }));
  return { "application/json": { schema, ...(example === undefined ? {} : { example }) } };
}

function contentOf(answers: z.ZodType | Readonly<Record<string, z.ZodType | null>>): Json {
  const byType = answers instanceof z.ZodType ? { "application/json": answers } : answers;
  return Object.fromEntries(Object.entries(byType).map(([type, schema]) => [type, schema ? { schema: answerOf(schema) } : {}]));
}

/** A reference to what has a name; otherwise the schema in place. */
function answerOf(schema: z.ZodType): Json {
  const id = named.get(schema)?.id;
  return id === undefined ? stripped(z.toJSONSchema(schema, { io: "output", override: tidy })) : ref(id);
}

const ref = (id: string): Json => ({ $ref: `#/components/schemas/${id}` });

/** Without what says nothing more: a pattern beside its format, the bounds of exact integers; and readers must expect new fields. */
function tidy({ jsonSchema }: { jsonSchema: Json }): void {
  if (jsonSchema["format"] !== undefined) delete jsonSchema["pattern"];
  if (jsonSchema["minimum"] === Number.MIN_SAFE_INTEGER) delete jsonSchema["minimum"];
  if (jsonSchema["maximum"] === Number.MAX_SAFE_INTEGER) delete jsonSchema["maximum"];
  if (jsonSchema["additionalProperties"] === false) delete jsonSchema["additionalProperties"];
}

function stripped(schema: object): Json {
  const { $schema: _, $id: __, ...rest } = schema as Json;
  return rest;
}
