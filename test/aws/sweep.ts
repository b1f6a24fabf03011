/** What a policy is tried with: without a part of it, and on resources that it has no business with. */
import type { Call, PolicyDocument, Statement } from "./permissions.ts";

/**
 * The document, each time without one action, one resource or one service of a statement, be it of Allow or Deny; without the statement
 * if that was all of it.
 */
export function* reductions(
  document: PolicyDocument,
): Iterable<{ document: PolicyDocument; statement: Statement; removed: string }> {
  for (const [s, statement] of document.Statement.entries()) {
    const parts = {
      Action: [statement.Action ?? []].flat(),
      Resource: [statement.Resource ?? []].flat(),
      Principal: servicesOf(statement),
    };
    for (const [member, all] of Object.entries(parts)) {
      for (const one of all) {
        const rest = all.filter((each) => each !== one);
        const value = member === "Principal" ? { Service: rest } : rest;
        const changed = rest.length > 0 ? [{ ...statement, [member]: value }] : [];
        yield {
          document: { ...document, Statement: document.Statement.toSpliced(s, 1, ...changed) },
          statement,
          removed: `${statement.Sid ?? s}: ${member} ${one}`,
        };
      }
    }
  }
}

/** The services that a statement of a resource's policy lets in. */
export function servicesOf({ Principal }: Statement): string[] {
  const { Service = [] } = (Principal ?? {}) as { Service?: string | string[] };
  return [Service].flat();
}

/** Resources to try the actions of a service on; a pattern stands for several kinds, of which the evaluator needs one. */
export function targetsOf(calls: readonly Call[], service: string): string[] {
  const named = calls
    .filter(({ action }) => action.startsWith(`${service}:`))
    .map(({ resource }) => resource.replace(/(:log-group:.*):\*$/, "$1"))
    .filter((each) => each === "*" || !each.includes("*"));
  return [...new Set(named.flatMap((resource) => [resource, ...neighbours(resource)]))];
}

/** Resources of the same kind that the role has no business with: foreign ones, and other places of the same bucket. */
function neighbours(resource: string): string[] {
  if (!resource.startsWith("arn:aws:s3:::")) {
    const foreign = resource.replace(/:\d{12}:/, ":999999999999:");
    // Another one of the same account: `queue-of-others`, `key/of-others…`.
    const other = resource.replace(/(:\d{12}:(?:[\w-]+[/:])?)/, "$1other");
    return [foreign, other].filter((each) => each !== resource);
  }
  const [bucket, ...segments] = resource.slice("arn:aws:s3:::".length).split("/");
  const places = ["raw-data", "processed-data", "model-artifacts", "batch/in", "batch/out", "batch/working"];
  const others = [...places, "predictions", "outcomes", "reports"].map(
    (prefix) => `arn:aws:s3:::${bucket}/${prefix}/other/object`,
  );
  return [
    ...others,
    ...insidePrefix(segments).map((key) => `arn:aws:s3:::${bucket}/${key}`),
    `arn:aws:s3:::${bucket}`,
    "arn:aws:s3:::foreign-bucket",
    "arn:aws:s3:::foreign-bucket/object",
  ];
}

/** Keys that share the beginning of one: beside each of its segments, and with more behind it. */
function insidePrefix(segments: readonly string[]): string[] {
  if (segments.length === 0) return [];
  const beside = segments.flatMap((segment, depth) => {
    const before = segments.slice(0, depth);
    return [
      [...before, "other"],
      [...before, `${segment}-other`, "object"],
    ];
  });
  return [...beside.map((each) => each.join("/")), `${segments.join("/")}.other`];
}

/** Whether the evidence of a call asks for the resource as well. */
export function covers(call: Call, resource: string): boolean {
  const evidenceResource = call.needed ?? call.resource;
  if (evidenceResource === resource || evidenceResource === "*") return true;
  // A log group stands for its streams.
  if (evidenceResource === `${resource}:*`) return true;
  if (evidenceResource.endsWith(":*") && resource.startsWith(evidenceResource.slice(0, -1))) return true;
  return evidenceResource.startsWith("arn:aws:s3:::") && matchesGlob(evidenceResource, resource);
}

/** As IAM matches: `*` is any text, slashes among it. */
function matchesGlob(pattern: string, text: string): boolean {
  const literals = pattern.split("*").map((each) => each.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${literals.join(".*")}$`).test(text);
}
