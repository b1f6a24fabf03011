import { z } from "zod";

/** Scoring of files that are dropped into the bucket. */
export const batchConfigSchema = z.strictObject({
  /** Of each of the three functions. Lambda gives CPU by memory (1,769 MB are one core); a Parquet file's row groups must fit into it. Default: 1,769. */
  memoryInMegabytes: z.int().min(1_024).max(10_240).default(1_769),
  /** So many parts of a file are scored at a time. Default: 20. */
  concurrentParts: z.int().min(1).max(1_000).default(20),
  /** A file up to this size (uncompressed, as far as that can be told beforehand) is scored by one function, without parts. Default: 32. */
  wholeFileInMegabytes: z.int().min(1).max(256).default(32),
  /** About how large a part is, uncompressed. A part must be scored within the 15 minutes that a function may take. Default: 32. */
  partInMegabytes: z.int().min(1).max(256).default(32),
  /** Larger files (uncompressed) are refused: one function must be able to read a file, and one to write its results, within 15 minutes. Default: 10. */
  maximumFileInGigabytes: z.int().min(1).max(100).default(10),
  /** So are files with more lines. Default: 25. */
  maximumMillionLines: z.int().min(1).max(200).default(25),
  /** Reasons that raise, and that lower, in columns of the scored file. Default: 3. */
  reasons: z.int().min(0).max(20).default(3),
  /** Also write so many of the best leads, ranked; 0: none. Default: 0. */
  top: z.int().min(0).max(100_000).default(0),
  /** A file of which a larger share of rows is rejected counts as failed. Default: 0.5. */
  toleratedShare: z.number().min(0).max(1).default(0.5),
  /** A drop that takes longer has failed: it can be redriven. Default: 6. */
  executionTimeoutInHours: z.int().min(1).max(24).default(6),
});
