import { everyResource, type Rule } from "./rule.ts";

const SECRET_NAME = /(password|passwd|secret|token|api_?key|private_?key|credential)/i;
/** Names that hold a reference to a secret, or a setting of it, and no secret. */
const REFERENCE_NAME = /(arn|id|name|generat|rotat|url|uri|length|enabled)s?$/i;
const SECRET_VALUE =
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|xox[abps]-[\w-]{10,}|hooks\.slack\.com\/services\/|:\/\/[^/\s:@]+:[^/\s:@]+@/;

/** No secret is written into a template: those are made by Secrets Manager and read at run time. */
export const noSecrets: Rule = (stacks) =>
  everyResource(stacks).flatMap(({ place, Properties }) =>
    texts(Properties)
      .filter(isSecret)
      .map(({ path }) => `${place}: ${path.join(".")} holds a secret`),
  );

interface Text {
  readonly path: readonly string[];
  readonly value: string;
}

function texts(value: unknown, path: readonly string[] = []): readonly Text[] {
  if (typeof value === "string") return [{ path, value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, [...path, key]));
}

function isSecret({ path, value }: Text): boolean {
  if (SECRET_VALUE.test(value)) return true;
  const name = path.at(-1) ?? "";
  const isReference = /^(arn:|\{\{resolve:|\$\{)/.test(value) || REFERENCE_NAME.test(name);
  return SECRET_NAME.test(name) && !isReference && value.length >= 8 && !path.includes("PolicyDocument");
}
