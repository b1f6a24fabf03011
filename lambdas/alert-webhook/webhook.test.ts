import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { alertBody, postAlert, readWebhook } from "./webhook.ts";

const alarm = {
  Subject: 'ALARM: "leadgauge-prod-api-errors" in EU (Frankfurt)',
  Message: JSON.stringify({
    AlarmName: "leadgauge-prod-api-errors",
    AlarmDescription: "It failed. What to do: docs/runbook.md#api-errors",
    NewStateValue: "ALARM",
    NewStateReason: "Threshold Crossed: 1 datapoint",
    StateChangeTime: "2026-05-01T00:00:00.000+0000",
    Region: "EU (Frankfurt)",
  }),
};

describe("the secret of a webhook", () => {
  it("names an address and, if need be, a token", () => {
    expect(readWebhook('{"url":"https://chat.example/hook"}')).toEqual({ url: "https://chat.example/hook" });
    expect(readWebhook('{"url":"https://chat.example/hook","token":"t"}').token).toBe("t");
  });

  it.each(["", "x", "{}", '{"url":"http://insecure.example/Confidential"}', '{"url":"Confidential"}'])(
    "is refused without quoting it: %s",
    (secret) => {
      expect(() => readWebhook(secret)).toThrow(/has to be JSON/);
      expect(() => readWebhook(secret)).not.toThrow(/Confidential/);
    },
  );
});

describe("an alert", () => {
  it("says what has happened and what to do, for people and for machines", () => {
    expect(alertBody(alarm)).toEqual({
      text: "ALARM: leadgauge-prod-api-errors\nIt failed. What to do: docs/runbook.md#api-errors\nThreshold Crossed: 1 datapoint",
      alarm: "leadgauge-prod-api-errors",
      state: "ALARM",
      since: "2026-05-01T00:00:00.000+0000",
      region: "EU (Frankfurt)",
    });
  });

  it("that is no alarm is handed on as it is", () => {
    expect(alertBody({ Subject: "Hello", Message: "a text" })).toEqual({ text: "Hello\na text" });
    expect(alertBody({ Message: "{}" })).toEqual({ text: "{}" });
  });
});

describe("posting", () => {
  const servers: { close(): void; closeAllConnections(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Answers with a status; 0: never. */
  async function serve(status: number, headers: Record<string, string> = {}) {
    const received: { authorization: string | undefined; body: string }[] = [];
    const server = createHttpServer(async (request, response) => {
      received.push({ authorization: request.headers.authorization, body: await text(request) });
      if (status > 0) response.writeHead(status, headers).end();
    }).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, received };
  }

  it("sends JSON with the token", async () => {
    const { url, received } = await serve(200);
    await postAlert({ url, token: "secret" }, alarm);
    expect(received).toEqual([{ authorization: "Bearer secret", body: JSON.stringify(alertBody(alarm)) }]);
  });

  it.each([
    [500, {}, /status 500/],
    [302, { location: "http://elsewhere.example/" }, /could not be reached/],
    [0, {}, /TimeoutError/],
  ])(
    "fails when it is not taken (%s), without telling address or token",
    async (status, headers, message) => {
      const { url } = await serve(status, headers as Record<string, string>);
      const posting = postAlert({ url, token: "secret" }, alarm, 200);
      await expect(posting).rejects.toThrow(message);
      await expect(posting).rejects.not.toThrow(/secret|127\.0\.0\.1|elsewhere/);
    },
  );
});
