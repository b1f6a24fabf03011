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

/** What a key holds now. */
export interface ObjectVersion extends ObjectInfo {
  readonly lastModified: Date;
}

/** Reads and writes objects that are too large to be held in memory. */
export interface LargeObjectStore {
  /** Undefined when there is no such object. */
  head(key: string): Promise<ObjectVersion | undefined>;
  /**
   * The bytes from `start` up to `end`, in order.
   * Throws ObjectChanged when the object is gone, or no longer has the etag if one is given.
   */
  read(
    object: { readonly key: string; readonly etag?: string },
    range: { readonly start: number; readonly end: number },
  ): AsyncIterable<Uint8Array>;
  /** Begins an object; nothing is seen of it before it is finished. */
  create(key: string): ObjectWriter;
  /** Does nothing where there is no such object. */
  delete(key: string): Promise<void>;
}

export interface ObjectWriter {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Drops what was written. */
  abandon(): Promise<void>;
}

/** The object was replaced or removed while it was read. */
export class ObjectChanged extends Error {
  override readonly name = "ObjectChanged";
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
