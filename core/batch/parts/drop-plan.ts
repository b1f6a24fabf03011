/** How a drop is scored, decided once: every function that works on it, and every later try, follows the same plan. */
import * as z from "zod";
import { ConditionFailed, type ObjectStore } from "../../ports.ts";
import { work } from "./drop-key.ts";

const maximumPlanBytes = 64 << 20;

const position = z.int().min(0);
/** From, up to: bytes of the uncompressed file, or row groups. */
const range = z.tuple([position, position]);
export type Range = z.infer<typeof range>;

const dialect = z.object({
  encoding: z.enum(["utf-8", "windows-1252"]),
  hasByteOrderMark: z.boolean(),
  separator: z.enum([",", ";", "\t", "|"]),
  quote: z.enum(['"', "'"]),
  lineEnd: z.enum(["\n", "\r\n", "\r"]),
});

const layout = z.discriminatedUnion("format", [
  z.object({
    format: z.literal("csv"),
    dialect,
    header: z.array(z.string()),
    /** Everything up to the header's last character, as base64. */
    headerBytes: z.base64(),
    headerLines: position,
    unknownColumns: z.array(z.string()),
    parts: z.array(range),
  }),
  z.object({ format: z.literal("jsonl"), parts: z.array(range) }),
  z.object({ format: z.literal("parquet"), unknownColumns: z.array(z.string()), parts: z.array(range) }),
]);
/** How a file is cut into parts. */
export type Layout = z.infer<typeof layout>;

const dropPlan = z.object({
  formatVersion: z.literal(1),
  object: z.object({ key: z.string(), etag: z.string(), size: position }),
  model: z.object({ name: z.string(), version: z.string(), noReasons: z.string().optional() }),
  options: z.object({
    reasons: position,
    top: position,
    tolerance: z.union([z.object({ rows: z.number() }), z.object({ share: z.number() })]),
  }),
  plannedAt: z.iso.datetime(),
  /** Absent: the file is scored in one go. */
  cut: z.object({ sha256: z.string(), layout }).optional(),
});
export type DropPlan = z.infer<typeof dropPlan>;

export async function readPlan(store: ObjectStore, drop: string): Promise<DropPlan | undefined> {
  const stored = await store.get(work.plan(drop), { maxBytes: maximumPlanBytes });
  return stored && dropPlan.parse(JSON.parse(new TextDecoder().decode(stored.body)));
}

/** Of several that plan the same drop at once, the first one's plan counts for all. */
export async function agreeOnPlan(store: ObjectStore, drop: string, plan: DropPlan): Promise<DropPlan> {
  try {
    await store.put(work.plan(drop), new TextEncoder().encode(JSON.stringify(plan)), { ifNoneMatch: "*" });
    return plan;
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    const first = await readPlan(store, drop);
    if (!first) throw error;
    return first;
  }
}
