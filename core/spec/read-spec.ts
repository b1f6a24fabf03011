/** Reads a feature spec, or says everything that is wrong with it. */
import { JsonText } from "./json-text.ts";
import type { SpecProblem } from "./problem.ts";
import type { FeatureSpec } from "./schema.ts";
import { checkSemantics } from "./semantics.ts";
import { readShape, type ShapeReading } from "./shape.ts";

export type { SpecProblem };
export type SpecReading =
  | { readonly spec: FeatureSpec; readonly problems: readonly [] }
  | { readonly spec: undefined; readonly problems: readonly SpecProblem[] };

const maximumLength = 1024 * 1024;

export function readSpec(text: string): SpecReading {
  if (text.length > maximumLength) {
    const message = `is larger than the ${maximumLength} characters allowed.`;
    return { spec: undefined, problems: [{ pointer: "", line: 1, column: 1, message }] };
  }
  const json = new JsonText(text.startsWith("\ufeff") ? text.slice(1) : text);
  const textProblems = json.problems();
  if (textProblems.length > 0) return { spec: undefined, problems: textProblems };
  const { spec, findings } = checkSpec(json.value());
  if (spec !== undefined) return { spec, problems: [] };
  const problems = findings.map(({ path, message }) => json.locate(path, message));
  return { spec: undefined, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** Checks a document whose text nobody edits, such as the spec in a package. */
export function checkSpec(document: unknown): ShapeReading {
  const reading = readShape(document);
  if (reading.spec === undefined) return reading;
  const findings = checkSemantics(reading.spec);
  return findings.length === 0 ? reading : { spec: undefined, findings };
}
