/** Errors as RFC 9457 problem details. */

export const PROBLEM_MEDIA_TYPE = "application/problem+json";
const TYPE_PREFIX = "urn:leadgauge:problem:";

/** Every kind of problem this API answers with. The key is the stable end of its `type`. */
const kinds = {
  "malformed-json": { status: 400, title: "The body is not valid JSON" },
  "invalid-parameter": { status: 400, title: "A parameter is not valid" },
  "not-found": { status: 404, title: "There is nothing at this path" },
  "unknown-model": { status: 404, title: "There is no such model" },
  "method-not-allowed": { status: 405, title: "This path does not have this method" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "unsupported-media-type": { status: 415, title: "The body has to be JSON" },
  "invalid-request": { status: 422, title: "The body does not have the form that is asked for" },
  "invalid-lead": { status: 422, title: "The lead cannot be scored" },
  "internal-error": { status: 500, title: "The service failed" },
  "model-unavailable": { status: 503, title: "The model cannot be served now" },
  "outcomes-unavailable": { status: 503, title: "Outcomes cannot be recorded now" },
} as const;

export type ProblemKind = keyof typeof kinds;

/** One fault of a body, where it is, and what to do about it. */
export interface ProblemDetail {
  /** JSON Pointer (RFC 6901) into the body. */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface ProblemExtras {
  readonly errors?: readonly ProblemDetail[];
  /** Of malformed JSON, from 1. */
  readonly line?: number;
  readonly column?: number;
  /** The name of the parameter that is not valid. */
  readonly parameter?: string;
}

/** Thrown by whatever answers a request; the handler turns it into the answer. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly extras: ProblemExtras;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail: string,
    extras: ProblemExtras = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.kind = kind;
    this.extras = extras;
    this.headers = headers;
  }

  get status(): number {
    return kinds[this.kind].status;
  }

  /** The body of the answer. */
  toJson(requestId: string): string {
    const { status, title } = kinds[this.kind];
    return JSON.stringify({
      type: TYPE_PREFIX + this.kind,
      title,
      status,
      detail: this.message,
      instance: requestId,
      ...this.extras,
    });
  }
}

/** Of a kind of problem: what an OpenAPI document says about it. */
export function describeProblem(kind: ProblemKind): { status: number; title: string; type: string } {
  return { ...kinds[kind], type: TYPE_PREFIX + kind };
}

/** A JSON Pointer made of unescaped parts. */
export function pointerTo(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
