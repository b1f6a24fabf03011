/** Which part of the way from a body to its answer takes how much: told by a sampling profile, so that nothing in the product has to measure. */
import { type Profiler, Session } from "node:inspector/promises";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../scripts/install.mjs";

const SAMPLING_IN_MICROSECONDS = 100;

/** By the source file that a sample stands in, or was called from; the first that matches. */
const phases: readonly (readonly [name: string, files: RegExp])[] = [
  ["parse", /^core\/json\//],
  ["explain", /^core\/(trees\/explain|explain)\//],
  ["evaluate", /^core\/(trees|model\/linear)/],
  ["read", /^core\/lead\//],
  ["encode", /^core\/features\//],
  ["judge", /^core\/(scoring|model)\//],
  ["check", /^(lambdas\/api\/(read-request|schemas|accept-request)\.ts|node_modules\/zod\/)/],
  ["answer", /^lambdas\/api\/(operations|operation\.ts)/],
  ["log", /^local\/server\/request-log\.ts/],
  ["frame", /^(lambdas|bench|node_modules)\//],
];

/** Of the time that `work` takes: the share of each phase, 0 to 1. What belongs to none is the engine's own (collecting garbage, for most). */
export async function phaseShares(work: () => Promise<void>): Promise<Record<string, number>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLING_IN_MICROSECONDS });
  await session.post("Profiler.start");
  await work();
  const { profile } = await session.post("Profiler.stop");
  session.disconnect();
  return sharesOf(profile);
}

function sharesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Record<string, number> {
  const phaseOfNode = new Map<number, string>();
  const children = new Map(nodes.map((node) => [node.id, node]));
  const root = nodes[0];
  const visit = (node: Profiler.ProfileNode, inherited: string) => {
    const phase = phaseOf(node.callFrame.url) ?? inherited;
    phaseOfNode.set(node.id, phase);
    for (const id of node.children ?? []) visit(children.get(id) as Profiler.ProfileNode, phase);
  };
  if (root !== undefined) visit(root, "engine");
  const times = new Map<string, number>([...phases.map(([name]) => [name, 0] as const), ["engine", 0]]);
  let total = 0;
  samples.forEach((id, index) => {
    const phase = phaseOfNode.get(id) ?? "engine";
    const time = timeDeltas[index] ?? 0;
    times.set(phase, (times.get(phase) ?? 0) + time);
    total += time;
  });
  return Object.fromEntries([...times].map(([name, time]) => [name, time / total]));
}

/** Undefined for what is no file of ours: it counts to whoever called it. */
function phaseOf(url: string): string | undefined {
  const root = pathToFileURL(projectRoot).href;
  if (!url.startsWith(root)) return undefined;
  const file = url.slice(root.length);
  return phases.find(([, files]) => files.test(file))?.[0];
}
