/** Ports: what core needs from the world. Adapters live in lambdas/adapters (AWS) and local/store (directory, PGlite). */

export interface StoredObject {
  readonly body: Uint8Array;
  /** Opaque; changes whenever the bytes do. */
  readonly etag: string;
}

export interface ObjectInfo {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

export type PutCondition = { readonly ifMatch: string } | { readonly ifNoneMatch: "*" };

/** Keys are `/`-separated, without a leading slash, as in S3. */
export interface ObjectStore {
  /** Undefined when there is no such object. Rejects a larger object than `maxBytes` with ObjectTooLarge before reading it. */
  get(key: string, options?: { readonly maxBytes?: number }): Promise<StoredObject | undefined>;
  /** As `get`, but "unchanged", without reading it, while the object still has this etag. */
  getIfChanged(
    key: string,
    etag: string,
    options?: { readonly maxBytes?: number },
  ): Promise<StoredObject | "unchanged" | undefined>;
  /** Throws ConditionFailed when the condition does not hold. */
  put(key: string, body: Uint8Array, condition?: PutCondition): Promise<{ readonly etag: string }>;
  /** In the order of the keys' UTF-8 bytes. */
  list(prefix: string): AsyncIterable<ObjectInfo>;
  /** The names directly under a prefix that ends in `/` which hold further objects, in the order of their keys. */
  listFolders(prefix: string): Promise<readonly string[]>;
}

export class ConditionFailed extends Error {
  override readonly name = "ConditionFailed";
}

export class ObjectTooLarge extends Error {
  override readonly name = "ObjectTooLarge";
}

export interface Outcome {
  readonly model: string;
  readonly leadId: string;
  /** A class name of the model's target. */
  readonly outcome: string;
  /** ISO 8601 with zone. */
  readonly occurredAt: string;
  readonly value?: number;
}

/** `recorded`: new; `unchanged`: the same record was there; `updated`: a later outcome of the lead replaced an earlier one; `superseded`: a later one is there already. */
export type OutcomeStatus = "recorded" | "unchanged" | "updated" | "superseded";

export interface OutcomeStore {
  /** In the order given. Idempotent. */
  record(outcomes: readonly Outcome[]): Promise<readonly OutcomeStatus[]>;
}

/** The outcome store cannot take anything now. Its message names no lead and may be shown to an operator. */
export class OutcomesUnavailable extends Error {
  override readonly name = "OutcomesUnavailable";
}
