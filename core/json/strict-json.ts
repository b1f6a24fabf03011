/**
 * JSON from strangers. `JSON.parse` takes the last of two equal keys, halves of surrogate pairs and any depth; here they
 * are errors. The usual body passes one quick scan and `JSON.parse`; only a bad one is read a second time, to say where and why.
 */
import { explainJson } from "./explain-json.ts";
import type { JsonResult } from "./json-result.ts";

export const DEFAULT_MAXIMUM_DEPTH = 32;

/** Never throws for what the text contains. A byte order mark in front is left out. */
export function parseStrictJson(text: string, maximumDepth = DEFAULT_MAXIMUM_DEPTH): JsonResult {
  const json = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  const keys = countKeys(json, maximumDepth);
  if (keys >= 0 && json.isWellFormed()) {
    try {
      const value: unknown = JSON.parse(json);
      // A half of a surrogate pair can only hide in an escape; equal keys leave fewer keys than were written.
      const escapedSurrogates = json.includes("\\u") && /\\u[dD][89a-fA-F]/.test(json);
      if (!escapedSurrogates && keysOf(value) === keys) return { ok: true, value };
    } catch {
      // Told below.
    }
  }
  return explainJson(json, maximumDepth);
}

/** The number of keys written, or -1 where nesting is too deep or a string does not end. */
function countKeys(json: string, maximumDepth: number): number {
  let keys = 0;
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    switch (json.charCodeAt(i)) {
      case 0x22: // "
        i = endOfString(json, i);
        if (i < 0) return -1;
        break;
      case 0x3a: // :
        keys++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > maximumDepth) return -1;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
    }
  }
  return keys;
}

/** The index of the quote that ends the string begun at `start`, or -1. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end > 0 && json.charCodeAt(end - 1) === 0x5c) {
    let backslashes = 1;
    while (json.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return end;
    end = json.indexOf('"', end + 1);
  }
  return end;
}

function keysOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += keysOf(item);
    return count;
  }
  for (const key in value) {
    count++;
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === "object") count += keysOf(member);
  }
  return count;
}
