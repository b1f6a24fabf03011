/** What an operation of the API is: its place, the schemas that validate it and document it, and its answer. */
import type * as z from "zod";
import type { PredictionSink } from "../../core/capture/capture.ts";
import type { ObjectStore, OutcomeStore } from "../../core/ports.ts";
import type { Champions } from "../../core/registry/champions.ts";
import type { ApiRequest } from "./gateway.ts";
import type { ProblemKind } from "./problem.ts";
import type * as schemas from "./schemas.ts";

/** What the operations need of the world. */
export interface ApiDependencies {
  readonly champions: Champions;
  /** Where the packages are, for the parts of them that do not serve: card, examples. */
  readonly store: ObjectStore;
  readonly outcomes: OutcomeStore;
  /** Keeps what was predicted; without one, nothing is kept. */
  readonly predictions?: PredictionSink | undefined;
  /** Told what is measured; without one, nothing is. */
  readonly telemetry?: ScoringTelemetry | undefined;
  /** One line of the log a call: an object without field values or lead ids. */
  readonly log: (entry: LogEntry) => void;
  /** Web origins that may call from a browser; none by default. `*` for all. */
  readonly allowedOrigins?: readonly string[];
}

/** What the service measures of itself: numbers and names of models, never a field of a lead. */
export interface ScoringTelemetry {
  /** After every request that scores: the scores, and how many leads were rejected. */
  scored(
    model: { readonly name: string; readonly version: string },
    scores: readonly number[],
    rejected: number,
  ): void;
  /** A fault of the service. `model` is empty where the path names none. */
  failed(model: string): void;
}

export type LogEntry = { readonly message: string; readonly level: "info" | "error" } & Readonly<
  Record<string, unknown>
>;

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A validated call. */
export interface Call<Query, Body> {
  readonly dependencies: ApiDependencies;
  readonly requestId: string;
  /** What stands before the API's paths in public; empty for nothing. */
  readonly basePath: string;
  /** The model that the path names; empty where the path names none. */
  readonly model: string;
  readonly query: Query;
  readonly body: Body;
}

type Schemas = typeof schemas;
export type SchemaName = {
  [Name in keyof Schemas]: Schemas[Name] extends z.ZodType ? Name : never;
}[keyof Schemas];
type QueryName = {
  [Name in keyof Schemas]: Schemas[Name] extends z.ZodObject ? Name : never;
}[keyof Schemas];

export interface OperationDescription {
  readonly id: string;
  readonly method: "GET" | "POST";
  /** `{model}` stands for a model's name. */
  readonly path: string;
  readonly tag: "Scoring" | "Models" | "Outcomes" | "Service";
  readonly summary: string;
  readonly description: string;
  /** The schemas of what it takes, by name. */
  readonly query?: QueryName;
  readonly body?: SchemaName;
  /** What the schemas would make of it, where that can be told without them; undefined: they have to be asked. */
  readonly acceptQuery?: (query: ApiRequest["query"]) => unknown;
  readonly acceptBody?: (body: unknown) => unknown;
  readonly answers: readonly {
    readonly status: number;
    readonly description: string;
    readonly contentType?: string;
    readonly schema?: SchemaName;
  }[];
  /** Beside those that every operation may answer with. */
  readonly problems: readonly ProblemKind[];
}

export interface Operation extends OperationDescription {
  readonly answer: (call: Call<never, never>) => Reply | Promise<Reply>;
}

type OutputOf<Name> = Name extends SchemaName ? z.output<Schemas[Name]> : undefined;

/** Ties the type of what `answer` gets to the schemas. */
export function operation<
  const Query extends QueryName | undefined = undefined,
  const Body extends SchemaName | undefined = undefined,
>(
  description: Omit<OperationDescription, "query" | "body" | "acceptQuery" | "acceptBody"> & {
    readonly query?: Query;
    readonly body?: Body;
    readonly acceptQuery?: (query: ApiRequest["query"]) => OutputOf<Query> | undefined;
    readonly acceptBody?: (body: unknown) => OutputOf<Body> | undefined;
    readonly answer: (call: Call<OutputOf<Query>, OutputOf<Body>>) => Reply | Promise<Reply>;
  },
): Operation {
  return description as unknown as Operation;
}

export function jsonReply(value: unknown, status = 200, headers?: Readonly<Record<string, string>>): Reply {
  const reply = { status, contentType: "application/json", body: JSON.stringify(value) };
  return headers === undefined ? reply : { ...reply, headers };
}
