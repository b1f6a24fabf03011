import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = committedFiles();

describe.skipIf(files === undefined)("what is committed (needs git and a clone)", () => {
  it("names no place of one machine and no download address", () => {
    const forbidden = [
      root,
      ...(homedir() === "/" ? [] : [`${homedir()}/`]),
      // Written in two parts, or this file would name them.
      `"resolved": "${"http"}`,
      `--index${"-url"}`,
      `--extra-index${"-url"}`,
      `--find${"-links"}`,
    ];
    const found = textFiles().flatMap(({ path, text }) =>
      forbidden.filter((part) => text.includes(part)).map((part) => `${path}: ${part}`),
    );
    expect(found).toEqual([]);
  });

  it("is small: no file over 2 MB", () => {
    const large = (files ?? []).filter((path) => size(path) > 2_000_000);
    expect(large).toEqual([]);
  });

  it("leaves nothing open or switched off in the code", () => {
    const marks = new RegExp(`\\b(TO${"DO"}|FIX${"ME"})\\b|\\b(it|test|describe)\\.(only|todo)\\(`);
    const found = textFiles()
      .filter(({ path, text }) => /\.(ts|mjs|py)$/.test(path) && marks.test(text))
      .map(({ path }) => path);
    expect(found).toEqual([]);
  });
});

describe("versions", () => {
  it("are exact in package.json", () => {
    const { dependencies, devDependencies } = readJson("package.json");
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)),
    );
    expect(loose).toEqual([]);
  });

  it("are locked with checksums in package-lock.json", () => {
    const { packages } = readJson("package-lock.json");
    const unlocked = Object.entries<Record<string, unknown>>(packages)
      .filter(
        ([path, entry]) =>
          path !== "" && !entry.link && !entry.inBundle && typeof entry.integrity !== "string",
      )
      .map(([path]) => path);
    expect(unlocked).toEqual([]);
  });

  it("lock every optional package too: npm ci refuses a lock file that lacks the one of another platform", () => {
    const { packages } = readJson("package-lock.json");
    const missing = Object.entries<{ optionalDependencies?: Record<string, string>; inBundle?: boolean }>(
      packages,
    )
      .filter(([, entry]) => !entry.inBundle)
      .flatMap(([path, entry]) =>
        Object.keys(entry.optionalDependencies ?? {}).map((name) => [path, name] as const),
      )
      .filter(
        ([path, name]) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      );
    expect(missing).toEqual([]);
  });

  it.each(["requirements.txt", "requirements-dev.txt", "requirements-uv.txt"])(
    "are locked with hashes in glue-scripts/%s",
    (name) => {
      const entries = readFileSync(join(root, "glue-scripts", name), "utf8")
        .replaceAll("\\\n", " ")
        .split("\n")
        .filter((line) => line.trim() !== "");
      expect(entries.length).toBeGreaterThan(0);
      const loose = entries.filter((line) => !/^[\w.[\]-]+==[^\s;]+ .*--hash=sha256:[0-9a-f]{64}/.test(line));
      expect(loose).toEqual([]);
    },
  );
});

function committedFiles(): string[] | undefined {
  try {
    const listed = execFileSync("git", ["ls-files", "-z"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return listed.split("\0").filter((path) => path !== "" && size(path) > 0);
  } catch {
    return undefined;
  }
}

function size(path: string): number {
  return statSync(join(root, path), { throwIfNoEntry: false })?.size ?? 0;
}

function textFiles(): { path: string; text: string }[] {
  return (files ?? [])
    .filter((path) => !/\.(png|gz|parquet|ico|woff2?)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

// biome-ignore lint/suspicious/noExplicitAny: the shapes of npm's files are not ours to describe
function readJson(name: string): any {
  return JSON.parse(readFileSync(join(root, name), "utf8"));
}
