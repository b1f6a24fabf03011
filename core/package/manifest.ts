/** manifest.json: what a package consists of. Written last, so that its presence says that the rest is there. */
import { families } from "../spec/families.ts";
import { Shape } from "./shape.ts";

export interface Manifest {
  readonly formatVersion: 1;
  readonly model: string;
  readonly version: string;
  readonly createdAt: string;
  readonly family: string;
  readonly task: "binary" | "ordered";
  readonly moment: string;
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly libraries: Readonly<Record<string, unknown>>;
  readonly seed: number | null;
  readonly threads: number | null;
  readonly parent: string | null;
  /** On the hold-out, of the model before it was refitted on all rows. */
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly metricsNote: string | null;
}

const file = "manifest.json";
const maximumFiles = 1_000;
/** Relative paths without tricks: a package may be copied by the names in its manifest. */
const fileName = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}){0,3}$/;

export function readManifest(document: unknown): Manifest {
  const root = new Shape(file, document);
  root.at("formatVersion").integer(1, 1);
  const matching = (key: string, pattern: RegExp, what: string) => {
    const text = root.at(key).text();
    return pattern.test(text) ? text : root.at(key).refuse(`must be ${what}`);
  };
  const integerOrNull = (key: string) =>
    root.at(key).optional((each) => each.integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
  const files = root
    .at("files")
    .entries(maximumFiles)
    .map(([name, entry]) => {
      if (!fileName.test(name)) entry.refuse("is not a file name that a package may have");
      const sha256 = entry.at("sha256").text();
      if (!/^[0-9a-f]{64}$/.test(sha256)) entry.at("sha256").refuse("must be 64 hex digits");
      return [name, { sha256, bytes: entry.at("bytes").integer(0, Number.MAX_SAFE_INTEGER) }] as const;
    });
  return {
    formatVersion: 1,
    model: matching("model", /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "a model's name"),
    version: matching("version", /^[0-9a-f]{32}$/, "32 hex digits"),
    createdAt: root.at("createdAt").text(),
    family: root.at("family").oneOf(families),
    task: root.at("task").oneOf(["binary", "ordered"]),
    moment: root.at("moment").oneOf(["at-creation", "engagement", "after-contact"]),
    files: Object.fromEntries(files),
    data: root.at("data").object(),
    libraries: root.at("libraries").object(),
    seed: integerOrNull("seed"),
    threads: integerOrNull("threads"),
    parent: root.at("parent").optional((each) => each.text()),
    metrics: root.at("metrics").object(),
    metricsNote: root.at("metricsNote").optional((each) => each.text()),
  };
}
