import type { FinishedFile } from "./manifest.ts";

/** A file that is to be scored, wherever it lies. */
export interface DropSource {
  /** Without folders. */
  readonly name: string;
  /** As stored. */
  readonly bytes: number;
  /** From the beginning, uncompressed if the name ends in `.gz`. Throws `FileError` for damaged compression. */
  chunks(): AsyncIterable<Uint8Array>;
  /** A part of the stored bytes. */
  slice(start: number, end?: number): Promise<ArrayBuffer>;
  /** Of the stored bytes, lower-case hexadecimal. */
  sha256(): Promise<string>;
}

export interface OutputFile {
  write(bytes: Uint8Array): Promise<void>;
}

/** Where results go. Nothing is seen there before it is whole. */
export interface OutputFolder {
  /** Begins a file; `isGzip`: what is written is compressed. */
  create(name: string, isGzip: boolean): Promise<OutputFile>;
  /** Finishes these files and shows them under their names; every other one that was begun is dropped. */
  publish(names: readonly string[]): Promise<readonly FinishedFile[]>;
  /** Writes the manifest, as the last file. */
  finish(manifestName: string, text: string): Promise<void>;
  /** Drops everything that was begun. */
  abandon(): Promise<void>;
}
