import type { BorderFinder } from "../blocks.ts";

const lineFeed = 10;

/** A JSONL file can be cut after every line feed: inside a JSON string there is none. */
export const jsonlBorders: BorderFinder = {
  lastBorder: (bytes, isLast) => (isLast ? bytes.length : bytes.lastIndexOf(lineFeed) + 1),
};
