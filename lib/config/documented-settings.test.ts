/** Whoever edits stages.ts reads what a setting means, and its default, in the comment that the editor shows: it has to be there, and right. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { stageConfigSchema } from "./stage-config.ts";

/** Properties of each object literal in the sources, by their names in order, with the comment before each. */
const documented = new Map<string, Readonly<Record<string, string>>>();
for (const file of readdirSync(import.meta.dirname).filter((name) => /-config\.ts$/.test(name))) {
  const source = readFileSync(`${import.meta.dirname}/${file}`, "utf8");
  for (const comments of objectsOf(source)) documented.set(Object.keys(comments).join(), comments);
}

/** Biome's layout tells what belongs together: the properties of an object stand at one indentation, below `strictObject({`. */
function objectsOf(source: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  const open: { indentation: number; comments: Record<string, string> }[] = [];
  let comment = "";
  for (const line of source.split("\n")) {
    const indentation = line.search(/\S/);
    while (indentation >= 0 && indentation < (open.at(-1)?.indentation ?? 0)) open.pop();
    if (/^\s*(\/\*\*|\*)/.test(line)) {
      comment += `${line.replace(/^\s*(\/\*\*|\*\/?)|\*\/$/g, "").trim()} `;
      continue;
    }
    const property = /^\s*(\w+)(: |,$)/.exec(line)?.[1];
    const inner = open.at(-1);
    if (property !== undefined && inner?.indentation === indentation) inner.comments[property] = comment;
    if (/strictObject\(\{$/.test(line)) {
      open.push({ indentation: indentation + 2, comments: {} });
      found.push((open.at(-1) as { comments: Record<string, string> }).comments);
    }
    comment = "";
  }
  return found;
}

type Schema = z.core.$ZodTypes;
interface Setting {
  readonly path: string;
  readonly schema: Schema;
  readonly comment: string | undefined;
}

/** Every setting below a schema, whatever it is wrapped in. */
function settingsOf(schema: Schema, path = ""): Setting[] {
  const { def } = schema._zod;
  if ("innerType" in def) return settingsOf(def.innerType as Schema, path);
  if ("element" in def) return settingsOf(def.element as Schema, `${path}[]`);
  if (def.type !== "object") return [];
  const comments = documented.get(Object.keys(def.shape).join());
  return Object.entries(def.shape).flatMap(([name, inner]) => {
    const setting = { path: path ? `${path}.${name}` : name, schema: inner as Schema };
    return [{ ...setting, comment: comments?.[name] }, ...settingsOf(setting.schema, setting.path)];
  });
}

/** What the comment has to say about a setting that is left out. */
function expectedWords({ schema }: Setting): RegExp {
  const { def } = schema._zod;
  if (def.type === "prefault" || def.type === "optional") return /Default: \S/;
  if (def.type !== "default") return /Required/;
  const value = def.defaultValue;
  if (typeof value === "object" || value === "") return /Default: \S/;
  const escaped = String(value).replace(/[/.]/g, "\\$&");
  return new RegExp(`Default: ${escaped}(?!\\w|\\.\\w)`);
}

const settings = settingsOf(stageConfigSchema as unknown as Schema);

describe("every setting's comment", () => {
  it("is found for as many settings as there are", () => {
    expect(settings.length).toBeGreaterThan(60);
    expect(new Set(settings.map(({ path }) => path.split(".")[0])).size).toBe(
      Object.keys(stageConfigSchema.shape).length,
    );
  });

  it.each(settings.map((setting) => [setting.path, setting] as const))("%s", (_path, setting) => {
    // Numbers stand there as people write them, and values as code.
    const text = setting.comment?.replace(/(\d),(?=\d{3})/g, "$1").replaceAll("`", "");
    expect(text).toMatch(expectedWords(setting));
  });
});
