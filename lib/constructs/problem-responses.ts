import { type GatewayResponseOptions, ResponseType } from "aws-cdk-lib/aws-apigateway";

/**
 * What API Gateway answers by itself, in the form of all other errors of the API: RFC 9457 problem details. Pages of the origins may read it too.
 */
export function problemResponses(
  origins: readonly string[],
): Readonly<Record<string, GatewayResponseOptions>> {
  const responseHeaders = { ...problemHeaders, ...originHeaders(origins) };
  return Object.fromEntries(
    Object.entries(problems).map(([id, response]) => [id, { ...response, responseHeaders }]),
  );
}

const problemHeaders = {
  "Content-Type": "'application/problem+json'",
  "X-Request-Id": "context.requestId",
};

/**
 * Without them a browser hides from the page why it was refused. The gateway cannot choose from a list: where there is more than one origin, all may
 * read these answers, which hold neither leads nor scores.
 */
function originHeaders(origins: readonly string[]): Record<string, string> {
  const [first, ...more] = origins;
  if (first === undefined) return {};
  return {
    "Access-Control-Allow-Origin": more.length === 0 ? `'${first}'` : "'*'",
    "Access-Control-Expose-Headers": "'X-Request-Id, Retry-After'",
  };
}

const problems: Readonly<Record<string, GatewayResponseOptions>> = {
  AccessDenied: problem(ResponseType.ACCESS_DENIED, 403, "Forbidden"),
  AuthorizerFailure: problem(ResponseType.AUTHORIZER_FAILURE, 500, "Internal Server Error"),
  BadRequestBody: problem(ResponseType.BAD_REQUEST_BODY, 400, "Bad Request"),
  BadRequestParameters: problem(ResponseType.BAD_REQUEST_PARAMETERS, 400, "Bad Request"),
  ExpiredToken: problem(ResponseType.EXPIRED_TOKEN, 403, "Forbidden"),
  IntegrationFailure: problem(ResponseType.INTEGRATION_FAILURE, 502, "Bad Gateway"),
  IntegrationTimeout: problem(ResponseType.INTEGRATION_TIMEOUT, 504, "Gateway Timeout"),
  InvalidApiKey: problem(ResponseType.INVALID_API_KEY, 403, "Forbidden"),
  InvalidSignature: problem(ResponseType.INVALID_SIGNATURE, 403, "Forbidden"),
  MissingAuthenticationToken: problem(ResponseType.MISSING_AUTHENTICATION_TOKEN, 403, "Forbidden"),
  QuotaExceeded: problem(ResponseType.QUOTA_EXCEEDED, 429, "Too Many Requests"),
  RequestTooLarge: problem(ResponseType.REQUEST_TOO_LARGE, 413, "Content Too Large"),
  ResourceNotFound: problem(ResponseType.RESOURCE_NOT_FOUND, 404, "Not Found"),
  Throttled: problem(ResponseType.THROTTLED, 429, "Too Many Requests"),
  Unauthorized: problem(ResponseType.UNAUTHORIZED, 401, "Unauthorized"),
  UnsupportedMediaType: problem(ResponseType.UNSUPPORTED_MEDIA_TYPE, 415, "Unsupported Media Type"),
  WafFiltered: problem(ResponseType.WAF_FILTERED, 403, "Forbidden"),
  // Whatever has no response of its own above: the status is then the one of the HTTP answer.
  Other4xx: problem(ResponseType.DEFAULT_4XX, undefined, "Request refused"),
  Other5xx: problem(ResponseType.DEFAULT_5XX, undefined, "Service failed"),
};

function problem(type: ResponseType, status: number | undefined, title: string): GatewayResponseOptions {
  const members = {
    type: `urn:leadgauge:problem:${type.responseType.toLowerCase().replaceAll("_", "-")}`,
    title,
    ...(status && { status }),
    instance: "$context.requestId",
  };
  // messageString is a JSON text with its quotes: it must stay outside of ours.
  const body = `${JSON.stringify(members).slice(0, -1)},"detail":$context.error.messageString}`;
  return {
    type,
    ...(status && { statusCode: String(status) }),
    templates: { "application/json": body },
  };
}
