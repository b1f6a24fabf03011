/** API Gateway's proxy events, of REST APIs (payload 1.0) and HTTP APIs (2.0), as one kind of request. */
import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, APIGatewayProxyResult } from "aws-lambda";

export type GatewayEvent = APIGatewayProxyEvent | APIGatewayProxyEventV2;
export type GatewayResult = APIGatewayProxyResult;

/** What the handler needs of an event. The path is still percent-encoded. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** What stands before the path in public, such as the stage's name; empty for none. */
  readonly basePath: string;
  /** Every value of every query parameter. */
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly requestId: string;
  readonly body: string;
  readonly isBase64Encoded: boolean;
  /** A header's value, whatever the case of its name. */
  header(name: string): string | undefined;
}

const NO_QUERY: Readonly<Record<string, readonly string[]>> = {};

export function toRequest(event: GatewayEvent): ApiRequest {
  const { requestContext } = event;
  const common = {
    requestId: requestContext.requestId,
    body: event.body ?? "",
    isBase64Encoded: event.isBase64Encoded,
    header: (name: string) => headerOf(event.headers, name),
  };
  if ("rawPath" in event) {
    const basePath = `/${event.requestContext.stage}`;
    const hasStage = event.rawPath.startsWith(`${basePath}/`);
    return {
      ...common,
      method: event.requestContext.http.method,
      path: hasStage ? event.rawPath.slice(basePath.length) : event.rawPath,
      basePath: hasStage ? basePath : "",
      query: queryOf(event.rawQueryString),
    };
  }
  const publicPath = event.requestContext.path;
  return {
    ...common,
    method: event.httpMethod,
    path: event.path,
    basePath: publicPath?.endsWith(event.path) ? publicPath.slice(0, -event.path.length) : "",
    query: (event.multiValueQueryStringParameters ?? NO_QUERY) as ApiRequest["query"],
  };
}

/** Gateways keep the case that the caller wrote, or make it lower: the exact name is tried first. */
function headerOf(
  headers: Readonly<Record<string, string | undefined>> | null,
  name: string,
): string | undefined {
  if (headers === null) return undefined;
  const exact = headers[name];
  if (exact !== undefined) return exact;
  for (const key in headers) if (key.toLowerCase() === name) return headers[key];
  return undefined;
}

function queryOf(rawQueryString: string): ApiRequest["query"] {
  if (rawQueryString === "") return NO_QUERY;
  const query: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const values = query[name];
    if (values === undefined) query[name] = [value];
    else values.push(value);
  }
  return query;
}
