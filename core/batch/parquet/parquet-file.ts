import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type SchemaElement,
  type SchemaTree,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { maximumColumns } from "../csv/record-scanner.ts";
import { decodeUtf8 } from "../csv/text-encoding.ts";
import type { DropSource } from "../drop-ports.ts";
import { FileError } from "../file-error.ts";

const maximumMetadataBytes = 64 << 20;
/** A row group is held in memory, so its declared size is bounded. */
const maximumRowGroupBytes = 2 ** 31;

/** The package's own, which stumble over pages that hold nothing. */
const decompressors: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, length: number) => (length === 0 ? new Uint8Array(0) : decompress(input, length)),
  ]),
);

/** A Parquet file whose values are read as they are stored, so that they can be written again without loss. */
export interface ParquetFile {
  readonly metadata: FileMetaData;
  /** Top-level columns, with what the file says of their meaning. */
  readonly columns: readonly SchemaTree[];
  readonly rowGroups: readonly RowGroup[];
  /** Values of a row group, by top-level column, in the order of `columns`. */
  read(group: RowGroup): Promise<unknown[][]>;
}

export interface RowGroup {
  /** Its first row. */
  readonly start: number;
  readonly rows: number;
  /** Of its values, uncompressed. */
  readonly bytes: number;
}

type StoredBytes = Pick<DropSource, "bytes" | "slice">;

/** Throws `FileError` for a file that is not Parquet or is damaged. */
export async function openParquet(source: StoredBytes): Promise<ParquetFile> {
  const file: AsyncBuffer = {
    byteLength: source.bytes,
    slice: (start, end) => source.slice(start, end),
  };
  if (source.bytes === 0) throw new FileError("empty_file", "The file is empty.");
  await checkFrame(source);
  const metadata = await decoding("its footer", () => parquetMetadataAsync(file, { geoparquet: false }));
  const { columns, rowGroups } = await decoding("its footer", async () => ({
    columns: parquetSchema(metadata).children,
    rowGroups: layOut(metadata),
  }));
  checkCodecs(metadata);
  checkColumns(columns);
  const physical = { ...metadata, schema: physicalSchema(metadata.schema) };
  return {
    metadata,
    columns,
    rowGroups,
    read: (group) =>
      decoding(`the values of rows ${group.start + 1} to ${group.start + group.rows}`, () =>
        readGroup(file, physical, columns, group),
      ),
  };
}

async function checkFrame(source: StoredBytes): Promise<void> {
  const magic = "PAR1";
  const ends = source.bytes < 12 ? [] : [await source.slice(0, 4), await source.slice(source.bytes - 8)];
  const [first, last] = ends.map((bytes) => String.fromCharCode(...new Uint8Array(bytes)));
  if (first !== magic)
    throw new FileError("not_parquet", "The file is not Parquet: it does not begin with PAR1.");
  if (!last?.endsWith(magic)) {
    throw new FileError("damaged_parquet", "The Parquet file does not end as it should: it was cut off.");
  }
  const footer = new DataView(ends[1] as ArrayBuffer).getUint32(0, true);
  if (footer > Math.min(maximumMetadataBytes, source.bytes - 12)) {
    throw new FileError("damaged_parquet", "The Parquet file's footer has an impossible length.");
  }
}

function layOut(metadata: FileMetaData): RowGroup[] {
  let start = 0;
  return metadata.row_groups.map(({ num_rows, columns }) => {
    const rows = Number(num_rows);
    const bytes = columns.reduce(
      (sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0),
      0,
    );
    if (!Number.isSafeInteger(rows) || rows < 0 || bytes > maximumRowGroupBytes) {
      throw new FileError(
        "damaged_parquet",
        "A row group of the Parquet file says it is larger than 2 GB: write smaller row groups.",
      );
    }
    const group = { start, rows, bytes };
    start += rows;
    return group;
  });
}

function checkCodecs({ row_groups }: FileMetaData): void {
  for (const { columns } of row_groups) {
    for (const { meta_data } of columns) {
      const codec = meta_data?.codec ?? "UNCOMPRESSED";
      if (codec !== "UNCOMPRESSED" && !(codec in decompressors)) {
        const known = ["UNCOMPRESSED", ...Object.keys(decompressors)].join(", ");
        throw new FileError(
          "unsupported_file",
          `The Parquet file is compressed with ${codec}, which is not read; write it with one of ${known}.`,
        );
      }
    }
  }
}

function checkColumns(columns: readonly SchemaTree[]): void {
  const names = columns.map(({ element }) => element.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new FileError("invalid_header", `The file has two columns named ${twice}.`);
  if (names.length > maximumColumns) {
    throw new FileError(
      "invalid_header",
      `The file has ${names.length} columns; at most ${maximumColumns} are read.`,
    );
  }
}

async function readGroup(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly SchemaTree[],
  { start, rows }: RowGroup,
): Promise<unknown[][]> {
  const values = new Map(columns.map(({ element }) => [element.name, new Array<unknown>(rows).fill(null)]));
  await parquetRead({
    file,
    metadata,
    rowStart: start,
    rowEnd: start + rows,
    compressors: decompressors,
    utf8: false,
    parsers: {
      // Kept as bytes where they are not valid, so that they are written again as they were.
      stringFromBytes: (bytes: Uint8Array) => bytes && (decodeUtf8(bytes) ?? bytes),
      timestampFromNanoseconds: (nanoseconds: bigint) => nanoseconds,
    },
    onChunk: ({ columnName, columnData, rowStart }) => {
      const target = values.get(columnName);
      if (!target) return;
      for (let index = 0; index < columnData.length; index++) {
        const row = rowStart - start + index;
        if (row >= 0 && row < rows) target[row] = columnData[index];
      }
    },
  });
  return [...values.values()];
}

/** The same columns, told as plain numbers and bytes: then nothing is converted, and nothing can get lost in converting. */
export function physicalSchema(schema: readonly SchemaElement[]): SchemaElement[] {
  return schema.map((element) => {
    const isLeaf = element.type !== undefined;
    const isVariant = element.logical_type?.type === "VARIANT";
    if (!isLeaf && !isVariant) return element;
    const isText = element.converted_type === "UTF8" || element.logical_type?.type === "STRING";
    if (isText) return element;
    const { converted_type: _, logical_type: __, scale: ___, precision: ____, ...physical } = element;
    return physical;
  });
}

/** Whatever the library throws for a damaged file, in our words: its own speak of its insides, and may quote values. */
async function decoding<Result>(part: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(
      "damaged_parquet",
      `The Parquet file is damaged, or written in a way that is not read: ${part} can't be decoded. Write it anew.`,
    );
  }
}
