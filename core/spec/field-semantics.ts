/** What the parts of one field must be to fit each other. */
import { caseFold, normaliser } from "../lead/text.ts";
import { timestampFormatProblem } from "../lead/timestamp.ts";
import { checkMembers, checkNumberFormat } from "./part-semantics.ts";
import type { Report } from "./problem.ts";
import type { FeatureSpec, Field, FieldOf } from "./schema.ts";
import { didYouMean } from "./suggest.ts";

export function checkField(spec: FeatureSpec, field: Field, report: Report): void {
  const normalise = normaliser(field.normalise ?? spec.normalise ?? ["trim", "collapse-spaces"]);
  checkNumberFormat(field.numberFormat, (message) => report(["numberFormat", "group"], message));
  if ("groups" in field && field.groups !== undefined) {
    checkMembers(field.groups, normalise, (path, message) => report(["groups", ...path], message));
  }
  switch (field.type) {
    case "number":
    case "integer":
      checkBounds(field, report);
      break;
    case "boolean":
      checkTokens(field, report);
      break;
    case "category":
      checkCategory(field, normalise, report);
      break;
    case "ordinal":
      checkOrdinal(field, normalise, report);
      break;
    case "timestamp":
      field.formats?.forEach((format, index) => {
        const problem = timestampFormatProblem(format);
        if (problem !== undefined) report(["formats", index], `"${format}" ${problem}.`);
      });
  }
}

function checkBounds({ bounds, missingAs }: FieldOf<"number"> | FieldOf<"integer">, report: Report): void {
  if (bounds === undefined) return;
  const { min, max } = bounds;
  if (min === undefined && max === undefined) report(["bounds"], "needs min, max or both.");
  if (min !== undefined && max !== undefined && min > max) report(["bounds", "min"], `is above max, ${max}.`);
  if (missingAs === undefined || bounds.beyond === "warn") return;
  if (missingAs < (min ?? missingAs) || missingAs > (max ?? missingAs))
    report(["missingAs"], "is out of the field's bounds.");
}

function checkTokens({ trueTokens, falseTokens }: FieldOf<"boolean">, report: Report): void {
  const fold = (text: string) => caseFold(text.trim());
  const truths = new Set((trueTokens ?? ["true", "yes", "1"]).map(fold));
  (falseTokens ?? ["false", "no", "0"]).forEach((token, index) => {
    if (!truths.has(fold(token))) return;
    report(
      falseTokens === undefined ? ["trueTokens"] : ["falseTokens", index],
      `"${token}" means true and false.`,
    );
  });
}

function checkCategory(
  { groups, other, otherIsExpected, missingAs }: FieldOf<"category">,
  normalise: (text: string) => string,
  report: Report,
): void {
  if (other !== undefined && groups === undefined)
    report(["other"], "needs groups: it is the group of what they do not list.");
  if (otherIsExpected !== undefined && other === undefined) report(["otherIsExpected"], "needs other.");
  if (missingAs === undefined || groups === undefined || other === undefined) return;
  const known = [...Object.entries(groups).flat(2), other].map(normalise);
  if (!known.includes(normalise(missingAs))) {
    report(
      ["missingAs"],
      `"${missingAs}" is not a group.${didYouMean(missingAs, [...Object.keys(groups), other])}`,
    );
  }
}

function checkOrdinal(
  { levels, groups, missingAs }: FieldOf<"ordinal">,
  normalise: (text: string) => string,
  report: Report,
): void {
  const known = new Set<string>();
  levels.forEach((level, index) => {
    if (known.has(normalise(level))) report(["levels", index], `"${level}" is a level before.`);
    known.add(normalise(level));
  });
  for (const group of Object.keys(groups ?? {})) {
    if (!levels.includes(group)) report(["groups", group], `is not a level.${didYouMean(group, levels)}`);
  }
  const members = Object.values(groups ?? {})
    .flat()
    .map(normalise);
  if (
    missingAs !== undefined &&
    !known.has(normalise(missingAs)) &&
    !members.includes(normalise(missingAs))
  ) {
    report(["missingAs"], `"${missingAs}" is not a level.${didYouMean(missingAs, levels)}`);
  }
}
