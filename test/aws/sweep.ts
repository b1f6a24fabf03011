/** What a policy is tried with: without a part of it, and on resources that it has no business with. */
import type { Call, PolicyDocument } from "./permissions.ts";

/** The document, each time without one action or one resource of a statement; without the statement if that was all of it. */
export function* reductions(
  document: PolicyDocument,
): Iterable<{ document: PolicyDocument; removed: string }> {
  for (const [s, statement] of document.Statement.entries()) {
    if (statement.Effect === "Deny") continue;
    for (const member of ["Action", "Resource"] as const) {
      const all = [statement[member] ?? []].flat();
      for (const one of all) {
        const rest = all.filter((each) => each !== one);
        const changed = rest.length > 0 ? [{ ...statement, [member]: rest }] : [];
        yield {
          document: { ...document, Statement: document.Statement.toSpliced(s, 1, ...changed) },
          removed: `${statement.Sid ?? s}: ${member} ${one}`,
        };
      }
    }
  }
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
  const bucket = resource.slice("arn:aws:s3:::".length).split("/")[0];
  const places = ["raw-data", "processed-data", "model-artifacts", "batch/in", "batch/out", "batch/working"];
  const others = [...places, "predictions", "outcomes", "reports"].map(
    (prefix) => `arn:aws:s3:::${bucket}/${prefix}/other/object`,
  );
  return [
    ...others,
    `arn:aws:s3:::${bucket}`,
    "arn:aws:s3:::foreign-bucket",
    "arn:aws:s3:::foreign-bucket/object",
  ];
}

/** Evidence names one object; the permission is for its prefix. */
export function covers(evidenceResource: string, resource: string): boolean {
  if (evidenceResource === resource || evidenceResource === "*") return true;
  // A log group stands for its streams.
  if (evidenceResource === `${resource}:*`) return true;
  if (evidenceResource.endsWith(":*") && resource.startsWith(evidenceResource.slice(0, -1))) return true;
  const prefix = /^arn:aws:s3:::[^/]+\/(?:batch\/\w+|[\w-]+)\//.exec(evidenceResource)?.[0];
  return prefix !== undefined && resource.startsWith(prefix);
}
