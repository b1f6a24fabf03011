import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8");
const evidence: { roles: Record<string, { calls: readonly { action: string }[] }> } = JSON.parse(
  readFileSync(new URL("../aws/evidence.json", import.meta.url), "utf8"),
);
const [, table = ""] = page.split("<!-- roles");
const rows = new Map(
  [...table.matchAll(/^\| ([a-z-]+) \| (.*) \|$/gm)].map(([, role = "", text = ""]) => [role, text]),
);
rows.delete("role");

describe("the table of roles in docs/security.md", () => {
  it("has a row for each role of the evidence", () => {
    expect([...rows.keys()].sort()).toEqual(Object.keys(evidence.roles).sort());
  });

  it.each(Object.entries(evidence.roles))("tells all that %s may do, and nothing else", (role, { calls }) => {
    const told = [...(rows.get(role) ?? "").matchAll(/`([a-z0-9-]+:[A-Z]\w+)`/g)].map(([, action]) => action);
    // Logs and traces are told below the table, for all roles at once.
    const needed = calls.map(({ action }) => action).filter((action) => !/^(logs|xray):/.test(action));
    expect(told.sort()).toEqual([...new Set(needed)].sort());
  });
});
