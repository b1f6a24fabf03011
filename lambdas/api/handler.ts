/** The function behind API Gateway, and behind the local server: one event in, one answer out. */
import { LogEvent } from "../log-events.ts";
import { traceOf } from "../trace-of.ts";
import { type ApiRequest, type GatewayEvent, type GatewayResult, toRequest } from "./gateway.ts";
import type { ApiDependencies, Reply } from "./operation.ts";
import { PROBLEM_MEDIA_TYPE, Problem } from "./problem.ts";
import { acceptInput, type Input, readInput } from "./read-request.ts";
import { methodsAt, type Route, route } from "./router.ts";

export type Handler = (event: GatewayEvent) => Promise<GatewayResult>;

const PREFLIGHT_SECONDS = "600";

export function createHandler(dependencies: ApiDependencies): Handler {
  return async (event) => {
    const startedAt = performance.now();
    const request = toRequest(event);
    let path = "";
    let model = "";
    let reply: Reply;
    try {
      const preflight = preflightReply(dependencies, request);
      if (preflight !== undefined) {
        reply = preflight;
      } else {
        const found = route(request.method, request.path);
        path = found.operation.path;
        model = found.model;
        reply = await answer(dependencies, request, found);
      }
    } catch (error) {
      reply = problemReply(dependencies, request, error);
    }
    if (reply.status >= 500) dependencies.telemetry?.failed(model);
    dependencies.log({
      message: LogEvent.request,
      level: reply.status < 500 ? "info" : "error",
      requestId: request.requestId,
      method: request.method,
      path,
      status: reply.status,
      durationInMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
    });
    return {
      statusCode: reply.status,
      headers: headersOf(dependencies, request, reply),
      body: request.method === "HEAD" ? "" : reply.body,
      isBase64Encoded: false,
    };
  };
}

function answer(
  dependencies: ApiDependencies,
  request: ApiRequest,
  { operation, model }: Route,
): Reply | Promise<Reply> {
  const { requestId, basePath } = request;
  const answerTo = (input: Input) =>
    operation.answer({ dependencies, requestId, basePath, model, ...input } as never);
  const accepted = acceptInput(request, operation);
  return accepted === undefined ? readInput(request, operation).then(answerTo) : answerTo(accepted);
}

function problemReply(dependencies: ApiDependencies, { requestId }: ApiRequest, error: unknown): Reply {
  let problem: Problem;
  if (error instanceof Problem) {
    problem = error;
  } else {
    dependencies.log({ message: LogEvent.unexpectedError, level: "error", requestId, ...traceOf(error) });
    problem = new Problem(
      "internal-error",
      "It is a fault of the service, not of the request. Its log has more under the id of this request.",
    );
  }
  const { status, headers } = problem;
  return { status, contentType: PROBLEM_MEDIA_TYPE, body: problem.toJson(requestId), headers };
}

function headersOf(dependencies: ApiDependencies, request: ApiRequest, reply: Reply): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": reply.contentType,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": request.requestId,
    ...reply.headers,
  };
  const origins = dependencies.allowedOrigins ?? [];
  if (origins.length > 0) {
    headers.vary = "origin";
    const origin = allowedOrigin(origins, request);
    if (origin !== undefined) {
      headers["access-control-allow-origin"] = origin;
      headers["access-control-expose-headers"] = "x-request-id, retry-after";
    }
  }
  return headers;
}

/** A browser's question before a call from another origin; only where origins are configured. */
function preflightReply(dependencies: ApiDependencies, request: ApiRequest): Reply | undefined {
  if (request.method !== "OPTIONS" || request.header("access-control-request-method") === undefined)
    return undefined;
  const methods = methodsAt(request.path);
  if (methods.length === 0 || allowedOrigin(dependencies.allowedOrigins ?? [], request) === undefined)
    return undefined;
  const headers = {
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers":
      "authorization, content-type, x-amz-content-sha256, x-amz-date, x-amz-security-token, x-api-key",
    "access-control-max-age": PREFLIGHT_SECONDS,
  };
  return { status: 204, contentType: "text/plain", body: "", headers };
}

function allowedOrigin(origins: readonly string[], request: ApiRequest): string | undefined {
  const origin = request.header("origin");
  if (origin === undefined) return undefined;
  if (origins.includes("*")) return "*";
  return origins.includes(origin) ? origin : undefined;
}
