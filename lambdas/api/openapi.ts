/** The OpenAPI document, made of the operations and of the schemas that validate what they take. */
import * as z from "zod";
import { readExampleLead } from "../../core/registry/package-documents.ts";
import { MODEL_NAME } from "../../core/registry/stages.ts";
import type { ApiDependencies, Operation } from "./operation.ts";
import { describeProblem, PROBLEM_MEDIA_TYPE, type ProblemKind } from "./problem.ts";
import * as schemas from "./schemas.ts";

export type OpenApiVersion = "3.1" | "3.0";
type Json = Record<string, unknown>;

/** Operations name the schemas of what they take and give. */
const named = { ...schemas };

/** Of this API: it grows with what callers can see, apart from the program's version. */
const API_VERSION = "1.0.0";

/** A lead of each model that is served, to try the API with. */
interface Example {
  readonly model: string;
  readonly fields: Json;
}

export async function openApiDocument(
  operations: readonly Operation[],
  dependencies: ApiDependencies,
  version: OpenApiVersion,
  basePath: string,
): Promise<Json> {
  const examples = await examplesOf(dependencies);
  const components = new SchemaComponents(version);
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const path = paths[operation.path] ?? {};
    path[operation.method.toLowerCase()] = describe(operation, components, examples);
    paths[operation.path] = path;
  }
  return {
    openapi: version === "3.1" ? "3.1.0" : "3.0.3",
    info: {
      title: "Leadgauge",
      version: API_VERSION,
      description:
        "Calibrated, explained, tiered lead scores. Errors are RFC 9457 problem details. In an AWS account, calls are signed (IAM); on a laptop, nothing is asked for.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: basePath || "/" }],
    tags: ["Scoring", "Models", "Outcomes", "Service"].map((name) => ({ name })),
    paths,
    components: { schemas: components.all() },
  };
}

async function examplesOf({ champions, store }: ApiDependencies): Promise<Example[]> {
  await champions.start();
  const served = champions.statuses().flatMap(({ champion }) => champion ?? []);
  const found = await Promise.all(
    served.map(async ({ model }) => ({
      model: model.name,
      // The document is worth having without the example of a package that was damaged since it was loaded.
      fields: await readExampleLead(store, model).catch(() => null),
    })),
  );
  return found.flatMap(({ model, fields }) => (fields === null ? [] : { model, fields }));
}

function describe(operation: Operation, components: SchemaComponents, examples: readonly Example[]): Json {
  const parameters = [...pathParameters(operation, examples), ...queryParameters(operation, components)];
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.description,
    ...(parameters.length > 0 && { parameters }),
    ...(operation.body !== undefined && {
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: components.schemaOf(named[operation.body], "input"),
            ...bodyExamples(operation.id, examples),
          },
        },
      },
    }),
    responses: responsesOf(operation, components),
  };
}

function pathParameters(operation: Operation, examples: readonly Example[]): Json[] {
  if (!operation.path.includes("{model}")) return [];
  const named = examples.map(({ model }) => [model, { value: model }]);
  return [
    {
      name: "model",
      in: "path",
      required: true,
      description: "The name of a model; `GET /v1/models` lists them.",
      schema: { type: "string", pattern: MODEL_NAME.source },
      ...(named.length > 0 && { examples: Object.fromEntries(named) }),
    },
  ];
}

function queryParameters(operation: Operation, components: SchemaComponents): Json[] {
  return Object.entries(operation.query === undefined ? {} : named[operation.query].shape).map(
    ([name, schema]) => {
      const { description, ...rest } = components.schemaOf(schema as z.ZodType, "output");
      return { name, in: "query", required: false, description, schema: rest };
    },
  );
}

/** Real leads: what is pasted from here works. */
function bodyExamples(operationId: string, examples: readonly Example[]): Json {
  const makers: Record<string, (example: Example) => unknown> = {
    scoreLead: ({ fields }) => ({ leadId: "L-1042", fields }),
    scoreBatch: ({ fields }) => ({ leads: [{ leadId: "L-1042", fields }] }),
    recordOutcomes: ({ model }) => ({
      outcomes: [{ model, leadId: "L-1042", outcome: "1", occurredAt: "2026-01-31T09:30:00Z" }],
    }),
  };
  const make = makers[operationId];
  if (make === undefined || examples.length === 0) return {};
  return {
    examples: Object.fromEntries(examples.map((example) => [example.model, { value: make(example) }])),
  };
}

function responsesOf(operation: Operation, components: SchemaComponents): Json {
  const responses: Json = {};
  for (const { status, description, contentType = "application/json", schema } of operation.answers) {
    const body = schema === undefined ? { type: "string" } : components.schemaOf(named[schema], "input");
    responses[status] = {
      description,
      content: { [contentType.split(";")[0] ?? contentType]: { schema: body } },
    };
  }
  const problem = { [PROBLEM_MEDIA_TYPE]: { schema: components.schemaOf(schemas.problem, "input") } };
  const kinds: ProblemKind[] = ["invalid-parameter", ...operation.problems, "internal-error"];
  if (operation.body !== undefined) kinds.push("malformed-json", "body-too-large", "unsupported-media-type");
  const described = kinds.map(describeProblem);
  for (const { status } of described) {
    const sameStatus = described.filter((other) => other.status === status);
    const description = sameStatus.map(({ title, type }) => `${title} (\`${type}\`).`).join(" ");
    responses[status] ??= { description, content: problem };
  }
  responses.default = {
    description: "What a gateway answers by itself, such as 403 or 429.",
    content: problem,
  };
  return responses;
}

/** Schemas with an id are described once, under `components`. */
class SchemaComponents {
  readonly #version: OpenApiVersion;
  readonly #schemas = new Map<string, Json>();

  constructor(version: OpenApiVersion) {
    this.#version = version;
  }

  all(): Json {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What a schema takes ("input") or makes ("output"), as a JSON Schema of the document's version. */
  schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
    const { $schema: _, $defs, definitions, ...root } = this.#convert(schema, io);
    for (const [id, definition] of Object.entries({ ...($defs as Json), ...(definitions as Json) })) {
      this.#schemas.set(id, this.#adapt(definition) as Json);
    }
    const id = schema.meta()?.id;
    const adapted = this.#adapt(root) as Json;
    if (id === undefined) return adapted;
    // A schema that is used by itself and within others comes as a reference already.
    if (adapted.$ref === undefined) this.#schemas.set(id, adapted);
    return { $ref: `#/components/schemas/${id}` };
  }

  #convert(schema: z.ZodType, io: "input" | "output"): Json {
    const target = this.#version === "3.1" ? "draft-2020-12" : "openapi-3.0";
    return z.toJSONSchema(schema, {
      target,
      io,
      override: ({ zodSchema, jsonSchema }) => {
        // It is validated without looking at the values; what they may be is said here.
        if ((zodSchema as unknown) === schemas.fields)
          Object.assign(jsonSchema, this.#convert(schemas.fieldValues, io));
      },
    }) as Json;
  }

  /** References into the document, no ids that are not those of JSON Schema, and what OpenAPI 3.0 calls otherwise. */
  #adapt(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#adapt(item));
    if (typeof value !== "object" || value === null) return value;
    const adapted: Json = {};
    for (const [key, member] of Object.entries(value)) {
      if (key === "$schema" || key === "propertyNames" || (key === "id" && typeof member === "string"))
        continue;
      if (key === "$ref" && typeof member === "string") {
        adapted.$ref = member.replace(/^#\/(?:\$defs|definitions)\//, "#/components/schemas/");
      } else if (key === "examples" && Array.isArray(member) && this.#version === "3.0") {
        adapted.example = member[0];
      } else {
        adapted[key] = this.#adapt(member);
      }
    }
    return adapted;
  }
}
