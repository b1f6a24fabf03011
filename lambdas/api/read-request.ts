/** Turns what a request says into what its operation takes, or a Problem that tells the caller what to change. */
import type * as z from "zod";
import { parseStrictJson } from "../../core/json/strict-json.ts";
import type { ApiRequest } from "./gateway.ts";
import { MAXIMUM_BODY_BYTES } from "./limits.ts";
import type { Operation } from "./operation.ts";
import { Problem, type ProblemDetail, pointerTo } from "./problem.ts";

/** What an operation takes of a request. */
export interface Input {
  readonly query: unknown;
  readonly body: unknown;
}

/** Reads what is usual, without the schemas; undefined where only they can tell. Throws a Problem for a body that is no JSON. */
export function acceptInput(request: ApiRequest, operation: Operation): Input | undefined {
  const query = operation.query === undefined ? undefined : operation.acceptQuery?.(request.query);
  if (query === undefined && (operation.query !== undefined || Object.keys(request.query).length > 0))
    return undefined;
  if (operation.body === undefined) return { query, body: undefined };
  if (operation.acceptBody === undefined) return undefined;
  const body = operation.acceptBody(readJson(request));
  return body === undefined ? undefined : { query, body };
}

/** Reads anything, and throws a Problem for whatever is wrong. */
export async function readInput(request: ApiRequest, operation: Operation): Promise<Input> {
  const schemas = await import("./schemas.ts");
  const query = readQuery(request, operation.query && schemas[operation.query]);
  return { query, body: operation.body && readBody(request, schemas[operation.body]) };
}

function readQuery(request: ApiRequest, schema: z.ZodObject | undefined): unknown {
  const allowed = schema === undefined ? [] : Object.keys(schema.shape);
  const values: Record<string, string> = {};
  for (const name in request.query) {
    if (!allowed.includes(name)) {
      const known = allowed.length === 0 ? "none" : allowed.join(", ");
      throw invalidParameter(name, `There is no such query parameter here; there is: ${known}.`);
    }
    const given = request.query[name] ?? [];
    if (given.length > 1) throw invalidParameter(name, "It is given more than once.");
    values[name] = given[0] ?? "";
  }
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidParameter(String(issue?.path[0] ?? ""), issue?.message ?? "It is not valid.");
}

export function invalidParameter(name: string, detail: string): Problem {
  const shown = name.slice(0, 100).toWellFormed();
  return new Problem("invalid-parameter", `Query parameter ${JSON.stringify(shown)}: ${detail}`, {
    parameter: shown,
  });
}

function readBody(request: ApiRequest, schema: z.ZodType): unknown {
  const parsed = schema.safeParse(readJson(request));
  if (parsed.success) return parsed.data;
  throw new Problem("invalid-request", "The body is JSON, but not in the form that is asked for.", {
    errors: detailsOf(parsed.error),
  });
}

function readJson(request: ApiRequest): unknown {
  requireJsonMediaType(request);
  const result = parseStrictJson(textOf(request));
  if (result.ok) return result.value;
  const { line, column, detail } = result.problem;
  throw new Problem("malformed-json", `${detail} (line ${line}, column ${column})`, { line, column });
}

/** What a schema found, with pointers below `base`. */
export function detailsOf(error: z.ZodError, ...base: readonly (string | number)[]): ProblemDetail[] {
  return error.issues.slice(0, 100).flatMap((issue) => {
    const path = [...base, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.slice(0, 100).map((key) => ({
        pointer: pointerTo(...path, key),
        code: "unknown_member",
        detail: "There is no member of this name here.",
      }));
    }
    const code = issue.code === "custom" ? String(issue.params?.code ?? "invalid") : "invalid";
    return [{ pointer: pointerTo(...path), code, detail: issue.message }];
  });
}

function requireJsonMediaType(request: ApiRequest): void {
  const contentType = request.header("content-type");
  if (contentType !== "application/json") {
    const [mediaType = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
    const charset = parameters
      .map((parameter) => parameter.trim())
      .find((parameter) => parameter.startsWith("charset="));
    const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
    if (mediaType.trim() !== "application/json" || !isUtf8) {
      const given = contentType === undefined ? "It has no content type" : "It has another content type";
      throw new Problem("unsupported-media-type", `${given}; send "content-type: application/json" (UTF-8).`);
    }
  }
  const encoding = request.header("content-encoding");
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw new Problem(
      "unsupported-media-type",
      "The body is compressed; send it without a content encoding.",
    );
  }
}

function textOf(request: ApiRequest): string {
  if (!request.isBase64Encoded) {
    // A UTF-16 unit is 1 to 3 bytes of UTF-8: only in between do the bytes have to be counted.
    const { body } = request;
    if (body.length > MAXIMUM_BODY_BYTES) throw tooLarge();
    if (body.length > MAXIMUM_BODY_BYTES / 3 && Buffer.byteLength(body) > MAXIMUM_BODY_BYTES)
      throw tooLarge();
    return body;
  }
  if (request.body.length > (MAXIMUM_BODY_BYTES / 3) * 4 + 4) throw tooLarge();
  const bytes = Buffer.from(request.body, "base64");
  if (bytes.length > MAXIMUM_BODY_BYTES) throw tooLarge();
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Problem("malformed-json", "The body is not UTF-8.");
  }
}

export function tooLarge(): Problem {
  const megabytes = MAXIMUM_BODY_BYTES / 1024 / 1024;
  return new Problem(
    "body-too-large",
    `A body has at most ${megabytes} MB; send fewer leads a call, or a file.`,
  );
}
