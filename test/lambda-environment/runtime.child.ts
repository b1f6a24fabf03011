/**
 * What Lambda's Node runtime does with a function's bundle, as far as functions can see: loads it, asks for calls, hands them over one at a time and
 * posts what the handler gives, in the next turn of the event loop. Its clock can be put forward by its parent.
 */
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

const clock = Date.now;
let aheadInMilliseconds = 0;
Date.now = () => clock() + aheadInMilliseconds;
process.on("message", (milliseconds: number) => {
  aheadInMilliseconds = milliseconds;
  process.send?.("set");
});

const { handler } = await import(process.argv[2] as string);
for (;;) {
  const { headers, body } = await call("GET", "invocation/next");
  const result = await handler(JSON.parse(body), {});
  await new Promise((resolve) => setImmediate(resolve));
  await call(
    "POST",
    `invocation/${headers["lambda-runtime-aws-request-id"]}/response`,
    JSON.stringify(result),
  );
}

async function call(method: string, path: string, body?: string) {
  return new Promise<{ headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    request(`${api}/${path}`, { method, agent }, (answer) => {
      text(answer).then((received) => resolve({ headers: answer.headers, body: received }), reject);
    })
      .on("error", reject)
      .end(body);
  });
}
