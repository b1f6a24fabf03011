/** A place in a document: its keys and indices from the root. */
export type Path = readonly (string | number)[];

/** What is wrong with a spec, for the person who edits it. */
export interface SpecProblem {
  /** JSON pointer (RFC 6901). */
  readonly pointer: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** What is wrong, what is allowed, what to do. */
  readonly message: string;
}

/** A problem before its place in the text is known. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
}

/** Takes what is found, at its place within what is looked at. */
export type Report = (path: Path, message: string) => void;

export function pointerOf(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
