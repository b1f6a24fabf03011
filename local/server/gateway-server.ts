/** An HTTP server that does what API Gateway does: turns a request into an event, and the handler's answer into a response. */
import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, OutgoingHttpHeaders, Server, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { APIGatewayProxyEvent } from "aws-lambda";
import type { Handler } from "../../lambdas/api/handler.ts";
import { PROBLEM_MEDIA_TYPE, Problem } from "../../lambdas/api/problem.ts";

// An import of it would also load the client side of HTTP, which costs a good part of the time to the first score.
const { createServer } = createRequire(import.meta.url)("node:http") as typeof import("node:http");

/** API Gateway's own limit; the handler has a lower one. */
const MAXIMUM_BODY_BYTES = 10 * 1024 * 1024;
/** What is read and thrown away of a body that is too large, so that its sender gets to read the answer. */
const MAXIMUM_DISCARDED_BYTES = 64 * 1024 * 1024;
const REQUEST_TIMEOUT_IN_MILLISECONDS = 30_000;
const KEEP_ALIVE_IN_MILLISECONDS = 65_000;

export function createGatewayServer(handler: Handler): Server {
  const server = createServer({ keepAlive: true, noDelay: true }, (request, response) => {
    receive(request, response, (body) => respond(handler, request, response, body));
  });
  server.requestTimeout = REQUEST_TIMEOUT_IN_MILLISECONDS;
  server.keepAliveTimeout = KEEP_ALIVE_IN_MILLISECONDS;
  // A large body is refused before it is sent.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers["content-length"]) > MAXIMUM_BODY_BYTES) return refuse(request, response);
    response.writeContinue();
    server.emit("request", request, response);
  });
  // What is not HTTP never becomes a request.
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy();
    const status =
      error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  return server;
}

function receive(request: IncomingMessage, response: ServerResponse, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAXIMUM_BODY_BYTES) chunks.push(chunk);
    else if (!response.headersSent) refuse(request, response);
    else if (bytes > MAXIMUM_DISCARDED_BYTES) request.destroy();
  });
  request.on("end", () => {
    if (response.headersSent) return;
    const [first] = chunks;
    done(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  });
  // A caller that went away needs no answer.
  request.on("error", () => response.destroy());
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const problem = new Problem("body-too-large", `A body has at most ${MAXIMUM_BODY_BYTES / 1024 / 1024} MB.`);
  const body = problem.toJson(randomUUID());
  response.writeHead(problem.status, { "content-type": PROBLEM_MEDIA_TYPE, connection: "close" });
  response.end(body);
  request.resume();
}

function respond(handler: Handler, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  handler(toEvent(request, body)).then(
    (result) => {
      // A text leaves in one piece with the headers; a buffer would need a second one.
      const body = result.isBase64Encoded ? Buffer.from(result.body, "base64") : result.body;
      response.writeHead(result.statusCode, {
        ...(result.headers as OutgoingHttpHeaders),
        // Of a HEAD it would have to be the length that GET has.
        ...(request.method === "HEAD" ? {} : { "content-length": Buffer.byteLength(body) }),
      });
      response.end(body);
    },
    // The handler answers for its own errors: this is a fault of the server itself.
    () => {
      response.writeHead(502, { "content-type": PROBLEM_MEDIA_TYPE });
      response.end('{"type":"about:blank","title":"Bad Gateway","status":502}');
    },
  );
}

/** The event of a REST API with a proxy integration. */
function toEvent(request: IncomingMessage, body: Buffer): APIGatewayProxyEvent {
  const { method = "GET", url = "/", headers, headersDistinct, socket } = request;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? null : queryOf(url.slice(mark + 1));
  const isText = isUtf8(body);
  return {
    resource: "/{proxy+}",
    path,
    httpMethod: method,
    headers: headers as APIGatewayProxyEvent["headers"],
    multiValueHeaders: headersDistinct,
    queryStringParameters: query && lastValues(query),
    multiValueQueryStringParameters: query,
    pathParameters: path === "/" ? null : { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: "",
      apiId: "local",
      authorizer: null,
      httpMethod: method,
      identity: {
        sourceIp: socket.remoteAddress ?? "",
      } as APIGatewayProxyEvent["requestContext"]["identity"],
      path,
      protocol: "HTTP/1.1",
      requestId: randomUUID(),
      requestTimeEpoch: Date.now(),
      resourceId: "",
      resourcePath: "/{proxy+}",
      stage: "",
    },
    body: body.length === 0 ? null : body.toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText,
  };
}

function queryOf(text: string): Record<string, string[]> {
  const query: Record<string, string[]> = Object.create(null);
  const add = (name: string, value: string) => {
    const values = query[name];
    if (values === undefined) query[name] = [value];
    else values.push(value);
  };
  // Only an encoded query needs the whole machinery.
  if (/[%+]/.test(text)) {
    for (const [name, value] of new URLSearchParams(text)) add(name, value);
    return query;
  }
  for (const pair of text.split("&")) {
    const mark = pair.indexOf("=");
    if (pair !== "") add(mark < 0 ? pair : pair.slice(0, mark), mark < 0 ? "" : pair.slice(mark + 1));
  }
  return query;
}

function lastValues(query: Record<string, string[]>): Record<string, string> {
  const last: Record<string, string> = Object.create(null);
  for (const name in query) last[name] = query[name]?.at(-1) ?? "";
  return last;
}
