import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { blockBytes } from "../../core/batch/blocks.ts";
import { FileError } from "../../core/batch/file-error.ts";

/** The uncompressed bytes. Throws `FileError` for what is not gzip or ends too early. */
export async function* gunzipped(file: Readable): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: blockBytes });
  // Its error reaches the loop below through the last stream.
  pipeline(file, gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "Z_BUF_ERROR") {
      throw new FileError(
        "truncated_gzip",
        "The gzip data ends too early: the file was cut off. Send it again.",
      );
    }
    if (code?.startsWith("Z_")) {
      throw new FileError(
        "not_gzip",
        `The file's name ends in .gz, but its gzip data can't be read: ${message}.`,
      );
    }
    throw error;
  }
}
