import { setTimeout as sleep } from "node:timers/promises";
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  ConditionFailed,
  type ObjectInfo,
  type ObjectStore,
  ObjectTooLarge,
  type PutCondition,
  type StoredObject,
} from "../../core/ports.ts";
import { readBody } from "./read-body.ts";

const CONFLICT_ATTEMPTS = 5;
const CONFLICT_PAUSE_IN_MILLISECONDS = 20;

/** One S3 bucket. */
export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async get(key: string, options: { maxBytes?: number } = {}): Promise<StoredObject | undefined> {
    return this.#read({ Bucket: this.#bucket, Key: key }, options.maxBytes);
  }

  async getIfChanged(key: string, etag: string, options: { maxBytes?: number } = {}) {
    try {
      return await this.#read({ Bucket: this.#bucket, Key: key, IfNoneMatch: etag }, options.maxBytes);
    } catch (error) {
      if (statusOf(error) === 304) return "unchanged" as const;
      throw error;
    }
  }

  async #read(
    input: GetObjectCommandInput,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Promise<StoredObject | undefined> {
    try {
      const { answer, bytes } = await readBody(async () => {
        const found = await this.#client.send(new GetObjectCommand(input));
        const { Body, ContentLength } = found;
        if (ContentLength === undefined || ContentLength > maxBytes) {
          // Not read: the connection is given up instead.
          if (Body && "destroy" in Body && typeof Body.destroy === "function") Body.destroy();
          throw new ObjectTooLarge(
            `${input.Key} has ${ContentLength} bytes; at most ${maxBytes} are allowed.`,
          );
        }
        return found;
      });
      if (answer.ETag === undefined) throw new Error(`S3 answered for ${input.Key} without an etag.`);
      return { body: bytes, etag: answer.ETag };
    } catch (error) {
      if (error instanceof Error && error.name === "NoSuchKey") return undefined;
      throw error;
    }
  }

  async put(key: string, body: Uint8Array, condition?: PutCondition): Promise<{ etag: string }> {
    const conditions =
      condition === undefined
        ? {}
        : "ifMatch" in condition
          ? { IfMatch: condition.ifMatch }
          : { IfNoneMatch: condition.ifNoneMatch };
    for (let attempt = 1; ; attempt++) {
      try {
        const command = new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: body, ...conditions });
        const { ETag } = await this.#client.send(command);
        if (ETag === undefined) throw new Error(`S3 stored ${key} without telling its etag.`);
        return { etag: ETag };
      } catch (error) {
        if (condition === undefined) throw error;
        // Another write of the same key was under way: only a further attempt tells whether the condition holds.
        if (statusOf(error) === 409 && attempt < CONFLICT_ATTEMPTS) {
          await sleep(CONFLICT_PAUSE_IN_MILLISECONDS * attempt);
        } else if (isLostRace(error)) {
          throw new ConditionFailed(`${key} exists already, or was changed or removed by someone else.`);
        } else throw error;
      }
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const pages = paginateListObjectsV2({ client: this.#client }, { Bucket: this.#bucket, Prefix: prefix });
    for await (const { Contents = [] } of pages) {
      for (const { Key: key, Size: size, ETag: etag } of Contents) {
        if (key !== undefined && size !== undefined && etag !== undefined) yield { key, size, etag };
      }
    }
  }

  async listFolders(prefix: string): Promise<readonly string[]> {
    const folders: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({
          Bucket: this.#bucket,
          Prefix: prefix,
          Delimiter: "/",
          ...(token !== undefined && { ContinuationToken: token }),
        }),
      );
      for (const { Prefix } of page.CommonPrefixes ?? []) {
        if (Prefix !== undefined) folders.push(Prefix.slice(prefix.length, -1));
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return folders;
  }
}

/** 412: the condition does not hold. 409: other conditional writes kept coming first. No such key: there is nothing to match. */
function isLostRace(error: unknown): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409 || (error instanceof Error && error.name === "NoSuchKey");
}

export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error && "$metadata" in error)) return undefined;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
}
