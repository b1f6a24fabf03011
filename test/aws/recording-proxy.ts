/** Stands between the functions and the emulator, and writes down which AWS call each of them makes. */
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";

export interface RecordedCall {
  /** The function's name, from the application id that its SDK sends with every call. */
  readonly caller: string;
  /** As IAM names it. */
  readonly action: string;
  /** What the call is about, as the request names it: `bucket/key`, a queue's URL, a name or an ARN. */
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

export interface RecordingProxy {
  readonly endpoint: string;
  readonly calls: readonly RecordedCall[];
  /** The next call that matches is refused, as S3 refuses who may not do it; once. */
  refuseNext(matches: (call: RecordedCall, url: URL) => boolean): void;
  stop(): Promise<void>;
}

/** `upstream`: where requests go; decided at the first one, as the emulator has to know the proxy before it starts. */
export async function startRecordingProxy(upstream: () => string): Promise<RecordingProxy> {
  const calls: RecordedCall[] = [];
  const refusals: ((call: RecordedCall, url: URL) => boolean)[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      const caller = /\bapp\/(\S+)/.exec(String(incoming.headers["user-agent"] ?? ""))?.[1];
      if (caller !== undefined) {
        const url = new URL(incoming.url ?? "/", "http://emulator");
        const made = callsOf(incoming.method ?? "GET", url, incoming.headers, body);
        for (const call of made) calls.push({ caller, ...call });
        const refusal = refusals.findIndex((matches) =>
          made.some((call) => matches({ caller, ...call }, url)),
        );
        if (refusal >= 0) {
          refusals.splice(refusal, 1);
          outgoing.writeHead(403, { "content-type": "application/xml" });
          outgoing.end("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>");
          return;
        }
      }
      const target = new URL(incoming.url ?? "/", upstream());
      const forwarded = send(target, { method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on("error", () => outgoing.destroy());
      forwarded.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    refuseNext: (matches) => refusals.push(matches),
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;
type Call = Omit<RecordedCall, "caller">;

/** One request may need several permissions (a copy reads and writes). */
export function callsOf(method: string, url: URL, headers: Headers, body: Buffer): Call[] {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return [jsonCall(target, JSON.parse(body.toString() || "{}"))];
  const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers.authorization ?? ""))?.[1];
  if (service === "lambda") {
    const name = decodeURIComponent(url.pathname.split("/")[3] ?? "");
    return [{ action: "lambda:InvokeFunction", resource: name, context: {} }];
  }
  if (service === "s3") return s3Calls(method, url, headers);
  if (service === "execute-api")
    return [{ action: "execute-api:Invoke", resource: url.pathname, context: {} }];
  const query = new URLSearchParams(body.toString());
  const operation = query.get("Action") ?? /\/operation\/(\w+)/.exec(url.pathname)?.[1];
  if (service === undefined || !operation)
    throw new Error(`An AWS call that is not understood: ${method} ${url.pathname}`);
  return [
    {
      action: actionOf(iamService[service] ?? service, operation),
      resource: query.get("TopicArn") ?? "*",
      context: {},
    },
  ];
}

/** Where IAM's prefix is not the name in the header. */
const iamService: Readonly<Record<string, string>> = {
  AmazonSQS: "sqs",
  Firehose_20150804: "firehose",
  TrentService: "kms",
  AWSStepFunctions: "states",
  AWSEvents: "events",
  GraniteServiceVersion20100801: "cloudwatch",
  monitoring: "cloudwatch",
};

function jsonCall(target: string, input: Record<string, unknown>): Call {
  const [prefix = "", operation = ""] = target.split(".");
  const resource =
    input.QueueUrl ??
    input.DeliveryStreamName ??
    input.KeyId ??
    input.SecretId ??
    input.stateMachineArn ??
    input.executionArn;
  return {
    action: actionOf(iamService[prefix] ?? prefix, operation),
    resource: String(resource ?? "*"),
    context: {},
  };
}

/** Operations that are permitted under another name. */
function actionOf(service: string, operation: string): string {
  const other: Readonly<Record<string, string>> = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
  };
  const action = `${service}:${operation}`;
  return other[action] ?? action;
}

function s3Calls(method: string, { pathname, searchParams }: URL, headers: Headers): Call[] {
  const path = decodeURIComponent(pathname).slice(1);
  const [bucket = ""] = path.split("/");
  const isObject = path.length > bucket.length + 1;
  if (!isObject) {
    const prefix = searchParams.get("prefix");
    if (method === "POST") return [{ action: "s3:DeleteObject", resource: `${bucket}/*`, context: {} }];
    return [
      { action: "s3:ListBucket", resource: bucket, context: prefix === null ? {} : { "s3:prefix": prefix } },
    ];
  }
  const call = (action: string, context: Record<string, string> = {}): Call => ({
    action,
    resource: path,
    context,
  });
  const multipart = searchParams.has("uploadId") || searchParams.has("uploads");
  if (method === "GET" && multipart) return [call("s3:ListMultipartUploadParts")];
  if (method === "GET" || method === "HEAD") {
    return [call(searchParams.has("versionId") ? "s3:GetObjectVersion" : "s3:GetObject")];
  }
  if (method === "DELETE") return [call(multipart ? "s3:AbortMultipartUpload" : "s3:DeleteObject")];
  const conditions: Record<string, string> = {};
  for (const name of ["if-match", "if-none-match"]) {
    const value = headers[name];
    if (typeof value === "string") conditions[`s3:${name}`] = value;
  }
  if (searchParams.has("uploads")) conditions["s3:ObjectCreationOperation"] = "false";
  else if (searchParams.has("partNumber")) conditions["s3:ObjectCreationOperation"] = "false";
  else conditions["s3:ObjectCreationOperation"] = "true";
  const source = headers["x-amz-copy-source"];
  const reads: Call[] =
    typeof source === "string"
      ? [{ action: "s3:GetObject", resource: decodeURIComponent(source).replace(/^\//, ""), context: {} }]
      : [];
  return [...reads, call("s3:PutObject", conditions)];
}
