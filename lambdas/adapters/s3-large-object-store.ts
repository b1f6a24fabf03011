import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import {
  type LargeObjectStore,
  ObjectChanged,
  type ObjectVersion,
  type ObjectWriter,
} from "../../core/ports.ts";
import { readBody } from "./read-body.ts";
import { S3ObjectStore, statusOf } from "./s3-object-store.ts";

/** A request reads so much: little enough to be kept until it is whole, and to be asked for again if it does not arrive whole. */
const rangeBytes = 8 << 20;
/** S3 takes parts from 5 MiB, and at most 10,000 of them. */
const uploadPartBytes = 16 << 20;

/** One S3 bucket, with objects of any size. */
export class S3LargeObjectStore extends S3ObjectStore implements LargeObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    super(client, bucket);
    this.#client = client;
    this.#bucket = bucket;
  }

  async head(key: string): Promise<ObjectVersion | undefined> {
    try {
      const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key });
      const {
        ContentLength: size,
        ETag: etag,
        LastModified: lastModified,
      } = await this.#client.send(command);
      if (size === undefined || etag === undefined || lastModified === undefined)
        throw new Error(`S3 answered for ${key} without telling what it is.`);
      return { key, size, etag, lastModified };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async *read(
    object: { readonly key: string; readonly etag?: string },
    { start, end }: { readonly start: number; readonly end: number },
  ): AsyncGenerator<Uint8Array> {
    const readFrom = (position: number) => {
      if (position >= end) return undefined;
      const reading = this.#readRange(object, position, Math.min(position + rangeBytes, end));
      // Awaited in its turn; until then a failure must not count as unhandled.
      reading.catch(() => {});
      return reading;
    };
    let next = readFrom(start);
    for (let position = start; next !== undefined; position += rangeBytes) {
      const bytes = await next;
      next = readFrom(position + rangeBytes);
      yield bytes;
    }
  }

  async #readRange(
    { key, etag }: { readonly key: string; readonly etag?: string },
    start: number,
    end: number,
  ): Promise<Uint8Array> {
    const input = {
      Bucket: this.#bucket,
      Key: key,
      Range: `bytes=${start}-${end - 1}`,
      ...(etag !== undefined && { IfMatch: etag }),
    };
    try {
      const { bytes } = await readBody(() => this.#client.send(new GetObjectCommand(input)));
      if (bytes.length === end - start) return bytes;
      throw new Error(`S3 answered for ${key} with ${bytes.length} bytes instead of ${end - start}.`);
    } catch (error) {
      const status = statusOf(error);
      if (status === 412 || status === 404 || status === 416)
        throw new ObjectChanged(`${key} was replaced or removed.`);
      throw error;
    }
  }

  create(key: string): ObjectWriter {
    return new S3ObjectWriter(this.#client, this.#bucket, key, (body) => this.put(key, body));
  }

  async delete(key: string): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
  }
}

/** Writes a small object at once and a larger one in parts; either appears only when it is finished. */
class S3ObjectWriter implements ObjectWriter {
  readonly #client: S3Client;
  readonly #target: { readonly Bucket: string; readonly Key: string };
  readonly #putWhole: (body: Uint8Array) => Promise<unknown>;
  #part: Uint8Array | undefined;
  #filled = 0;
  #uploadId: string | undefined;
  readonly #parts: CompletedPart[] = [];

  constructor(
    client: S3Client,
    bucket: string,
    key: string,
    putWhole: (body: Uint8Array) => Promise<unknown>,
  ) {
    this.#client = client;
    this.#target = { Bucket: bucket, Key: key };
    this.#putWhole = putWhole;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let position = 0; position < bytes.length; ) {
      this.#part ??= new Uint8Array(uploadPartBytes);
      const taken = bytes.subarray(position, position + uploadPartBytes - this.#filled);
      this.#part.set(taken, this.#filled);
      this.#filled += taken.length;
      position += taken.length;
      if (this.#filled === uploadPartBytes) await this.#upload(this.#part);
    }
  }

  async finish(): Promise<void> {
    if (this.#uploadId === undefined) {
      await this.#putWhole(this.#part?.slice(0, this.#filled) ?? new Uint8Array(0));
      return;
    }
    if (this.#part && this.#filled > 0) await this.#upload(this.#part.subarray(0, this.#filled));
    await this.#client.send(
      new CompleteMultipartUploadCommand({
        ...this.#target,
        UploadId: this.#uploadId,
        MultipartUpload: { Parts: this.#parts },
      }),
    );
  }

  async abandon(): Promise<void> {
    this.#part = undefined;
    if (this.#uploadId === undefined) return;
    await this.#client.send(new AbortMultipartUploadCommand({ ...this.#target, UploadId: this.#uploadId }));
  }

  async #upload(part: Uint8Array): Promise<void> {
    if (this.#uploadId === undefined) {
      const begun = await this.#client.send(
        new CreateMultipartUploadCommand({ ...this.#target, ChecksumAlgorithm: "CRC32" }),
      );
      if (begun.UploadId === undefined) throw new Error(`S3 began ${this.#target.Key} without an id.`);
      this.#uploadId = begun.UploadId;
    }
    const PartNumber = this.#parts.length + 1;
    const { ETag, ChecksumCRC32 } = await this.#client.send(
      new UploadPartCommand({
        ...this.#target,
        UploadId: this.#uploadId,
        PartNumber,
        Body: part,
        ChecksumAlgorithm: "CRC32",
      }),
    );
    this.#parts.push({ PartNumber, ETag, ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) });
    this.#filled = 0;
  }
}
