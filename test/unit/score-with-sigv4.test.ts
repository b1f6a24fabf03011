import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Sha256 } from "../sha256.ts";

const sample = fileURLToPath(new URL("../../docs/samples/score-with-sigv4.mjs", import.meta.url));
const lead = '{"leadId":"L-1","fields":{"Lead Source":"Gögle"}}';
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret/example", sessionToken: "token" };
const environment = {
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
  AWS_REGION: "eu-central-1",
};

describe("the sample of a signed call", () => {
  const folder = mkdtempSync(join(tmpdir(), "leadgauge-sample-"));
  const file = join(folder, "lead.json");
  writeFileSync(file, lead);
  let server: Server;
  let url: string;
  let received: { method: string; path: string; headers: IncomingHttpHeaders; body: string };
  let status = 200;
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method = "", url: path = "", headers } = request;
      received = { method, path, headers, body: Buffer.concat(chunks).toString("utf8") };
      response.writeHead(status).end('{"score":71}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/prod/`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const run = (words: readonly string[], env: Record<string, string>) =>
    promisify(execFile)(process.execPath, [sample, ...words], { env });

  it.each([
    ["x-education", {}],
    // No model is named like this: the signature must hold all the same.
    ["odd (name)!*'", { LEADGAUGE_API_KEY: "key-of-consumer" }],
  ])("for %s is signed as AWS's own library signs it", async (model, more) => {
    const { stdout } = await run([url, model, file], { ...environment, ...more });
    expect(stdout).toBe('{"score":71}\n');
    expect(received.method).toBe("POST");
    expect(received.body).toBe(lead);
    const { pathname, searchParams, host } = new URL(received.path, url);
    expect(decodeURIComponent(pathname)).toBe(`/prod/v1/models/${model}/score`);
    expect(received.headers["x-amz-security-token"]).toBe("token");
    expect(received.headers["x-api-key"]).toBe((more as Record<string, string>).LEADGAUGE_API_KEY);

    const signer = new SignatureV4({
      service: "execute-api",
      region: "eu-central-1",
      credentials,
      sha256: Sha256,
      applyChecksum: false,
    });
    const time = String(received.headers["x-amz-date"]).replace(
      /(....)(..)(..)T(..)(..)(..)Z/,
      "$1-$2-$3T$4:$5:$6Z",
    );
    const { "content-type": type = "", "x-api-key": key } = received.headers;
    const expected = await signer.sign(
      {
        method: "POST",
        protocol: "http:",
        hostname: "127.0.0.1",
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers: { host, "content-type": type, ...(typeof key === "string" && { "x-api-key": key }) },
        body: lead,
      },
      { signingDate: new Date(time) },
    );
    expect(received.headers.authorization).toBe(expected.headers.authorization);
    expect(received.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//);
  });

  it("ends with an error when the API refuses", async () => {
    status = 403;
    await expect(run([url, "x-education", file], environment)).rejects.toMatchObject({ code: 1 });
    status = 200;
  });

  it("says what it lacks", async () => {
    await expect(run([url, "x-education", file], {})).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("AWS_ACCESS_KEY_ID"),
    });
    await expect(run([], environment)).rejects.toMatchObject({ code: 2 });
    const { AWS_REGION: _, ...withoutRegion } = environment;
    await expect(run([url, "x-education", file], withoutRegion)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("AWS_REGION"),
    });
  });
});
