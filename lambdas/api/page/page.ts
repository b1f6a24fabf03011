/** The API as a page to read and to try: one document without a request to anywhere but this API. */
import { createHash } from "node:crypto";
import { script } from "./script.ts";
import { style } from "./style.ts";

export const apiPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Leadgauge API</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Ccircle cx='16' cy='16' r='12' fill='none' stroke='%231456c4' stroke-width='5' stroke-dasharray='52 76' transform='rotate(-90 16 16)'/%3E%3C/svg%3E">
<style>${style}</style>
</head>
<body>
<header><div class="bar">
  <strong>Leadgauge</strong><span id="health" class="badge">…</span>
  <nav><a href="#try">Try</a><a href="#served">Models</a><a href="#endpoints">Endpoints</a><a href="v1/openapi.json">OpenAPI</a></nav>
</div></header>
<main>
<div id="troubles"></div>
<section id="try">
  <h2>Score a lead</h2>
  <p>A calibrated probability, what to do next, and which fields raised or lowered it.</p>
  <div class="try">
    <form id="form" class="card">
      <div class="row">
        <label class="grow"><span>Model</span><select id="model"></select></label>
        <label><span>Lead id</span><input id="lead-id" value="L-1042" maxlength="256" autocomplete="off"></label>
        <label><span>Reasons</span><input id="reasons" type="number" min="0" max="20" value="3"></label>
      </div>
      <div id="fields" class="fields"></div>
      <textarea id="json" aria-label="The lead's fields as JSON" spellcheck="false" hidden></textarea>
      <div class="actions"><button id="submit" class="primary" disabled>Score</button><button id="switch" type="button">Edit as JSON</button></div>
    </form>
    <div class="result">
      <div id="answer" class="card" aria-live="polite"><p class="soft">…</p></div>
      <details><summary>The same call in a shell</summary><pre id="curl"></pre></details>
      <details><summary>The whole answer</summary><pre id="raw"></pre></details>
    </div>
  </div>
</section>
<section id="served">
  <h2>Models</h2>
  <p>What answers now. A version is the hash of everything that serves.</p>
  <div id="models" class="models"></div>
</section>
<section id="endpoints">
  <h2>Endpoints</h2>
  <p>JSON in, JSON out. Every error is a problem document (RFC 9457) that says what was wrong, where, and what to do.</p>
  <div id="operations" class="card operations"></div>
</section>
</main>
<script type="module">${script}</script>
</body>
</html>
`;

export const apiPageHeaders = {
  "cache-control": "private, max-age=300",
  "content-security-policy": [
    "default-src 'none'",
    "connect-src 'self'",
    "img-src data:",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
};

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
