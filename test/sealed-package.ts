/** Model packages whose checksums are right whatever is in them, so that tests reach what comes after the checksums. */
import { createHash } from "node:crypto";
import type { PackageFiles } from "../core/package/load.ts";

export type Texts = Readonly<Record<string, string>>;

const versioned = ["golden.jsonl", "profile.json", "serving.json", "spec.json"];

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The texts with a manifest that fits them; `manifest` gives or replaces its other members. */
export function seal(texts: Texts, manifest: object): Texts {
  const names = Object.keys(texts).filter((name) => name !== "manifest.json");
  const files = names.map((name) => {
    const text = texts[name] as string;
    return [name, { sha256: sha256(text), bytes: Buffer.byteLength(text) }] as const;
  });
  const version = sha256(versioned.map((name) => `${name}\0${sha256(texts[name] ?? "")}\n`).join("")).slice(
    0,
    32,
  );
  const document = { ...manifest, files: Object.fromEntries(files), version };
  return { ...texts, "manifest.json": JSON.stringify(document) };
}

export function filesOf(texts: Texts): PackageFiles {
  return {
    read: async (name) => (Object.hasOwn(texts, name) ? Buffer.from(texts[name] as string) : undefined),
  };
}
