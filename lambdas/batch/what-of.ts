import * as z from "zod";

/** What of an input a log may name: never more than the file's key, the drop's id and the part's number. */
export interface WhatOf {
  readonly key?: string;
  readonly drop?: string;
  readonly part?: number;
}

const request = z.object({ detail: z.object({ object: z.object({ key: z.string() }) }) });
const ofDrop = z.object({ drop: z.string(), part: z.int().optional() });
const ofInput = z.object({ input: z.unknown() });

/** What an input of a batch function is about, as far as it can be told: an input that is wrong must not hide the fault that is logged. */
export function whatOf(input: unknown): WhatOf {
  const drop = ofDrop.safeParse(input);
  if (drop.success) {
    const { part } = drop.data;
    return { drop: drop.data.drop, ...(part !== undefined && { part }) };
  }
  const asked = request.safeParse(input);
  if (asked.success) return { key: asked.data.detail.object.key };
  const given = ofInput.safeParse(input).data?.input;
  const started = request.safeParse(typeof given === "string" ? parsed(given) : given);
  return started.success ? { key: started.data.detail.object.key } : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
