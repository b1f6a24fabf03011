/** Where a drop and all that belongs to it stand in the store. */

const inPrefix = "batch/in/";
const outPrefix = "batch/out/";
const workingPrefix = "batch/working/";

export interface DropKey {
  readonly key: string;
  /** The first folder; names a model if there is one of that name. */
  readonly model: string;
  /** The full object name below the model's folder, with `/`. */
  readonly object: string;
  /** The object's name without folders. */
  readonly name: string;
  /** Where its results go; ends in `/`. */
  readonly outFolder: string;
}

/** Files of programs that are still writing, and of editors and file managers. */
const passedOver = /^\.|~$|\.(?:part|partial|tmp|temp|crdownload|swp)$/i;

/** Whether a folder or file below a model's folder is no drop, by its name. */
export function isPassedOver(name: string): boolean {
  return passedOver.test(name);
}

/** Undefined for what is no drop: a folder, a file that is in no model's folder, or one with a name that is passed over. */
export function parseDropKey(key: string): DropKey | undefined {
  const [model, ...path] = key.startsWith(inPrefix) ? key.slice(inPrefix.length).split("/") : [];
  const name = path.at(-1);
  if (model === undefined || name === undefined || path.some((part) => part === "" || isPassedOver(part)))
    return undefined;
  const object = path.join("/");
  return { key, model, object, name, outFolder: `${outPrefix}${model}/${object}/` };
}

/** The drop that a person names: by its key, with or without `s3://BUCKET/`, or by the folder of its results. */
export function dropKeyOf(reference: string): DropKey | undefined {
  const path = reference.replace(/^s3:\/\/[^/]+\//, "");
  return path.startsWith(outPrefix)
    ? parseDropKey(inPrefix + path.slice(outPrefix.length).replace(/\/(?:manifest\.json)?$/, ""))
    : parseDropKey(path);
}

/** What is kept of a drop while its parts are under way; removed after some days by the store itself. */
export const work = {
  plan: (drop: string) => `${workingPrefix}${drop}/plan.json`,
  /** A gzip file, expanded. */
  expanded: (drop: string) => `${workingPrefix}${drop}/expanded`,
  /** The numbers of the parts that are still to be scored. */
  pending: (drop: string) => `${workingPrefix}${drop}/pending.json`,
  results: (drop: string) => `${workingPrefix}${drop}/results/`,
  result: (drop: string, part: number) => `${workingPrefix}${drop}/results/${String(part).padStart(5, "0")}`,
};

/** Identifies one stored state of a drop's object. 32 hexadecimal digits. */
export async function dropId(...identity: readonly (string | number)[]): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(identity));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
