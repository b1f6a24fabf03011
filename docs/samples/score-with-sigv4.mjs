/**
 * Scores one lead with the API of an account, signed with AWS Signature Version 4. Needs Node 20 or later and nothing else:
 *
 *   node score-with-sigv4.mjs API_URL MODEL LEAD.json
 *
 * API_URL is the output of the scoring stack, https://{id}.execute-api.{region}.amazonaws.com/{stage}/, and LEAD.json holds
 * {"leadId": "L-1", "fields": {...}}. From the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, for temporary credentials
 * AWS_SESSION_TOKEN; AWS_REGION where the address does not tell the region; LEADGAUGE_API_KEY where the API meters its consumers.
 */
import { createHash, createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";

const SERVICE = "execute-api";
const ALGORITHM = "AWS4-HMAC-SHA256";

const [apiUrl, model, file] = process.argv.slice(2);
const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, LEADGAUGE_API_KEY } =
  process.env;
if (!apiUrl || !model || !file) fail("Usage: node score-with-sigv4.mjs API_URL MODEL LEAD.json");
if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
  fail("No credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN).");
}

const base = apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/`;
const url = new URL(`v1/models/${encode(model)}/score?reasons=3`, base);
const region = /\.execute-api\.([a-z0-9-]+)\./.exec(url.hostname)?.[1] ?? AWS_REGION;
if (!region) fail(`${url.hostname} does not tell its region: set AWS_REGION.`);

const body = await readFile(file, "utf8");
const headers = {
  "content-type": "application/json",
  ...(LEADGAUGE_API_KEY && { "x-api-key": LEADGAUGE_API_KEY }),
};
const response = await fetch(url, { method: "POST", headers: signed("POST", url, headers, body), body });
console.log(await response.text());
// Errors are problem details (RFC 9457): 403 when the caller is not let in, 422 when the lead cannot be scored.
if (!response.ok) process.exitCode = 1;

/** The headers, with those that prove who sends the request. The signature holds for five minutes. */
function signed(method, { host, pathname, searchParams }, given, payload) {
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const all = {
    ...given,
    host,
    "x-amz-date": time,
    ...(AWS_SESSION_TOKEN && { "x-amz-security-token": AWS_SESSION_TOKEN }),
  };
  const names = Object.keys(all).sort();
  const request = [
    method,
    // Every service but S3 encodes the parts of a path a second time.
    pathname.split("/").map(encode).join("/"),
    [...searchParams]
      .map(([key, value]) => `${encode(key)}=${encode(value)}`)
      .sort()
      .join("&"),
    ...names.map((name) => `${name}:${all[name].trim()}`),
    "",
    names.join(";"),
    sha256(payload),
  ].join("\n");

  const scope = [time.slice(0, 8), region, SERVICE, "aws4_request"];
  const key = scope.reduce((secret, part) => hmac(secret, part), `AWS4${AWS_SECRET_ACCESS_KEY}`);
  const signature = hmac(key, [ALGORITHM, time, scope.join("/"), sha256(request)].join("\n")).toString("hex");
  const { host: _setByFetch, ...sent } = all;
  return {
    ...sent,
    authorization: `${ALGORITHM} Credential=${AWS_ACCESS_KEY_ID}/${scope.join("/")}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
  };
}

function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key, text) {
  return createHmac("sha256", key).update(text).digest();
}

/** As RFC 3986 wants it: encodeURIComponent leaves five characters that a signature needs encoded. */
function encode(text) {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
