import { type FeatureSpec, specSchema } from "./schema.ts";
export interface SpecProblem {
  readonly pointer: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
export type SpecReading =
  | { readonly spec: FeatureSpec; readonly problems: readonly [] }
  | { readonly spec: undefined; readonly problems: readonly SpecProblem[] };
export function readSpec(text: string): SpecReading {
  const parsed = specSchema.safeParse(JSON.parse(text));
  return parsed.success
    ? { spec: parsed.data, problems: [] }
    : {
        spec: undefined,
        problems: parsed.error.issues.map((i) => ({
          pointer: `/${i.path.join("/")}`,
          line: 0,
          column: 0,
          message: i.message,
        })),
      };
}
