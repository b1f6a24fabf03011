import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { customResource, textProperty } from "./custom-resource.ts";

describe("a custom resource", () => {
  let server: Server;
  let answers: { body: Record<string, unknown>; contentType: string | undefined }[];
  let status: number;
  beforeEach(async () => {
    answers = [];
    status = 200;
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      answers.push({ body, contentType: request.headers["content-type"] });
      response.writeHead(status).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => server.close());

  const context = { logStreamName: "stream" };
  const event = (RequestType: string, properties: Record<string, unknown> = {}) =>
    ({
      RequestType,
      StackId: "stack",
      RequestId: "request",
      LogicalResourceId: "Logical",
      ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer?signature=x`,
      ResourceProperties: properties,
    }) as unknown as CloudFormationCustomResourceEvent;
  const handler = customResource("constant", async (properties) => ({
    Upper: textProperty(properties, "Text").toUpperCase(),
  }));

  it.each(["Create", "Update"])("answers %s with its attributes and its constant id", async (type) => {
    await handler(event(type, { Text: "a" }), context);
    expect(answers).toEqual([
      {
        // What the address was signed for.
        contentType: "",
        body: {
          Status: "SUCCESS",
          StackId: "stack",
          RequestId: "request",
          LogicalResourceId: "Logical",
          PhysicalResourceId: "constant",
          Data: { Upper: "A" },
        },
      },
    ]);
  });

  it("lets itself be deleted, whatever its properties are", async () => {
    await handler(event("Delete"), context);
    expect(answers.map(({ body }) => body.Status)).toEqual(["SUCCESS"]);
  });

  it("tells CloudFormation what failed and where the log is", async () => {
    await handler(event("Create", { Text: 1 }), context);
    expect(answers[0]?.body).toMatchObject({
      Status: "FAILED",
      PhysicalResourceId: "constant",
      Reason: "Error: The property Text has to be a text. (log stream stream)",
    });
  });

  it("fails itself when CloudFormation does not take the answer", async () => {
    status = 403;
    await expect(handler(event("Create", { Text: "a" }), context)).rejects.toThrow(/status 403/);
  });
});
