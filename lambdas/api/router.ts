/** Which operation answers a request. */
import { RegExpRouter } from "hono/router/reg-exp-router";
import { MODEL_NAME } from "../../core/registry/stages.ts";
import type { Operation } from "./operation.ts";
import { operations } from "./operations/index.ts";
import { Problem } from "./problem.ts";

export interface Route {
  readonly operation: Operation;
  /** Empty where the path names none. */
  readonly model: string;
}

const router = new RegExpRouter<Operation>();
const methodsOfPath = new RegExpRouter<readonly string[]>();
for (const path of new Set(operations.map((operation) => operation.path))) {
  const atPath = operations.filter((operation) => operation.path === path);
  for (const operation of atPath) router.add(operation.method, routerPath(path), operation);
  const methods = atPath.map((operation) => operation.method);
  methodsOfPath.add("ALL", routerPath(path), methods.includes("GET") ? [...methods, "HEAD"] : methods);
}

/** Throws a Problem for a path or a method that does not exist. */
export function route(method: string, path: string): Route {
  const [operation, model] = matchOf(router, method === "HEAD" ? "GET" : method, path);
  if (operation === undefined) {
    const allowed = methodsAt(path);
    if (allowed.length === 0)
      throw new Problem("not-found", "There is nothing at this path; / lists what there is.");
    throw new Problem(
      "method-not-allowed",
      `Use ${allowed.join(" or ")}.`,
      {},
      { allow: allowed.join(", ") },
    );
  }
  if (model === undefined) return { operation, model: "" };
  const name = decode(model);
  if (name === undefined || !MODEL_NAME.test(name)) {
    throw new Problem(
      "unknown-model",
      "This is no name of a model: names are made of a-z, 0-9 and hyphens. GET /v1/models lists the models.",
    );
  }
  return { operation, model: name };
}

/** What may be done at a path; nothing where there is none. */
export function methodsAt(path: string): readonly string[] {
  return matchOf(methodsOfPath, "GET", path)[0] ?? [];
}

function matchOf<Value>(
  from: RegExpRouter<Value>,
  method: string,
  path: string,
): [Value | undefined, string | undefined] {
  const [matches, stash] = from.match(method, path);
  const [value, parameters] = matches[0] ?? [];
  const found = parameters?.model;
  return [value, typeof found === "number" ? stash?.[found] : found];
}

function routerPath(path: string): string {
  return path.replace("{model}", ":model");
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
