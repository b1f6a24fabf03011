import { type ConvertedType, parquetMetadata, type SchemaElement } from "hyparquet";
import type { ColumnSource, Writer } from "hyparquet-writer";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { OutputFile } from "../drop-ports.ts";
import { type ResultColumn, resultColumns } from "../result-columns.ts";
import { type ParquetFile, physicalSchema } from "./parquet-file.ts";

/** `PAR1` at the beginning; at the end, after the metadata, their length and `PAR1`. */
const magicBytes = 4;
const footerBytes = 8;

/** Metadata that describes the columns one by one, and would be wrong with ours added. */
const perColumnMetadata = new Set(["ARROW:schema"]);

/** Writes the caller's columns as they were stored, and ours after them; a row group at a time. */
export class ParquetOutput {
  readonly #names: readonly string[];
  readonly #bytes: FlushingWriter;
  readonly #writer: ParquetWriter;
  readonly #schema: SchemaElement[];

  constructor(input: ParquetFile, reasons: number, file: OutputFile) {
    const ours = resultColumns(reasons);
    const [root, ...elements] = withCommonTypes(input.metadata.schema);
    if (!root) throw new Error("A Parquet schema has a root.");
    this.#schema = [
      { ...root, num_children: input.columns.length + ours.length },
      ...elements,
      ...ours.map(schemaElement),
    ];
    this.#names = [...input.columns.map(({ element }) => element.name), ...ours.map(({ name }) => name)];
    this.#bytes = new FlushingWriter(file);
    const metadata = input.metadata.key_value_metadata?.filter(({ key }) => !perColumnMetadata.has(key));
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: physicalSchema(this.#schema),
      createdBy: "leadgauge",
      // Smallest and greatest values depend on what a column means, which the physical schema leaves out.
      statistics: false,
      ...(metadata && { kvMetadata: metadata }),
    });
  }

  /** @param columns values of the caller's columns and of ours, each of `rows` rows */
  async writeRowGroup(columns: readonly unknown[][], rows: number): Promise<void> {
    if (rows === 0) return;
    const columnData = columns.map(
      (data, index): ColumnSource => ({ name: this.#names[index] ?? "", data, offsetIndex: false }),
    );
    await this.#writer.write({ columnData, rowGroupSize: rows });
  }

  /** Takes over the row groups of a file that another one of these wrote from the same input. */
  async append(file: Uint8Array): Promise<void> {
    const { row_groups, metadata_length } = parquetMetadata(file.slice().buffer, { geoparquet: false });
    const shift = BigInt(this.#bytes.offset - magicBytes);
    const moved = (offset: bigint) => offset + shift;
    for (const group of row_groups) {
      for (const chunk of group.columns) {
        chunk.file_offset = moved(chunk.file_offset);
        if (!chunk.meta_data) throw new Error("A column of a part has no metadata.");
        const { data_page_offset, dictionary_page_offset } = chunk.meta_data;
        chunk.meta_data.data_page_offset = moved(data_page_offset);
        if (dictionary_page_offset !== undefined)
          chunk.meta_data.dictionary_page_offset = moved(dictionary_page_offset);
      }
      this.#writer.row_groups.push(group);
      this.#writer.num_rows += group.num_rows;
    }
    this.#bytes.appendBytes(file.subarray(magicBytes, file.length - metadata_length - footerBytes));
    await this.#bytes.flush();
  }

  async finish(): Promise<void> {
    this.#writer.schema = this.#schema;
    await this.#writer.finish();
  }
}

function schemaElement({ name, type }: ResultColumn): SchemaElement {
  if (type === "number") return { name, type: "DOUBLE", repetition_type: "OPTIONAL" };
  if (type === "integer") return { name, type: "INT32", repetition_type: "OPTIONAL" };
  return {
    name,
    type: "BYTE_ARRAY",
    repetition_type: "OPTIONAL",
    converted_type: "UTF8",
    logical_type: { type: "STRING" },
  };
}

/** INT96, the timestamp that was never in the standard, is written as its successor; whole numbers by the older of their two annotations, which all readers know. */
function withCommonTypes(schema: readonly SchemaElement[]): SchemaElement[] {
  return schema.map((element) => {
    if (element.type === "INT96") {
      const logical_type = { type: "TIMESTAMP", isAdjustedToUTC: false, unit: "NANOS" } as const;
      return { ...element, type: "INT64", logical_type };
    }
    const { logical_type: logical, ...others } = element;
    if (logical?.type !== "INTEGER") return element;
    const converted = `${logical.isSigned ? "INT" : "UINT"}_${logical.bitWidth}` as ConvertedType;
    return { ...others, converted_type: converted };
  });
}

/** Hands on what was written after every row group. */
class FlushingWriter extends ByteWriter implements Writer {
  readonly #file: OutputFile;

  constructor(file: OutputFile) {
    super(1 << 16);
    this.#file = file;
  }

  async flush(): Promise<void> {
    const bytes = this.getBytes().slice();
    this.index = 0;
    await this.#file.write(bytes);
  }

  override async finish(): Promise<void> {
    await this.flush();
  }
}
