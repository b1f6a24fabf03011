import type { SchemaElement, SchemaTree } from "hyparquet";
import type { RawValue } from "../../scoring/result.ts";
import { decodeUtf8 } from "../csv/text-encoding.ts";

/** A column's stored value (as `physicalSchema` reads it) to what a lead may hold. */
export type CellReader = (stored: unknown) => RawValue;

const dayInMilliseconds = 86_400_000;
const millisecondsOf = { MILLIS: 1n, MICROS: 1_000n, NANOS: 1_000_000n } as const;

/**
 * How cells of a top-level column are read for scoring: dates and timestamps become ISO texts in UTC, decimals and 64-bit integers
 * the nearest number (beyond 2^53 the digits as text), NaN is missing, as data frames write it.
 * Lists and structs are passed on as they are; the model refuses them if the column is one of its fields.
 */
export function cellReader(column: SchemaTree): CellReader {
  if (column.children.length > 0 || column.element.repetition_type === "REPEATED") return passOn;
  const convert = converter(column.element);
  return (stored) => (stored === null || stored === undefined ? null : convert(stored));
}

function passOn(stored: unknown): RawValue {
  return (stored ?? null) as RawValue;
}

function converter(element: SchemaElement): CellReader {
  const { converted_type: converted, logical_type: logical, type } = element;
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return (stored) => Number(decimalText(unscaled(stored), scale));
  }
  if (converted === "DATE" || logical?.type === "DATE") {
    return (stored) => isoDate(Number(stored) * dayInMilliseconds)?.slice(0, 10) ?? String(stored);
  }
  if (logical?.type === "TIMESTAMP") return (stored) => timestampText(stored, millisecondsOf[logical.unit]);
  if (converted === "TIMESTAMP_MILLIS") return (stored) => timestampText(stored, millisecondsOf.MILLIS);
  if (converted === "TIMESTAMP_MICROS") return (stored) => timestampText(stored, millisecondsOf.MICROS);
  if (type === "INT96") return (stored) => timestampText(stored, millisecondsOf.NANOS);
  if (logical?.type === "UUID") return (stored) => uuidText(stored as Uint8Array);
  if (logical?.type === "FLOAT16") return (stored) => finiteOrMissing(float16(stored as Uint8Array));
  const isUnsigned =
    converted?.startsWith("UINT_") || (logical?.type === "INTEGER" && !logical.isSigned) || false;
  if (type === "INT64") {
    return (stored) => {
      const value = isUnsigned ? BigInt.asUintN(64, stored as bigint) : (stored as bigint);
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : String(value);
    };
  }
  if (type === "INT32") return (stored) => (isUnsigned ? Number(stored) >>> 0 : Number(stored));
  if (type === "FLOAT" || type === "DOUBLE") return (stored) => finiteOrMissing(Number(stored));
  if (type === "BOOLEAN") return (stored) => stored === true || stored === 1;
  return (stored) => (stored instanceof Uint8Array ? (decodeUtf8(stored) ?? passOn(stored)) : String(stored));
}

/** Only NaN is missing; an infinite number is told to the caller. */
function finiteOrMissing(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function timestampText(stored: unknown, unitsPerMillisecond: bigint): string {
  const units = BigInt(stored as bigint | number);
  const milliseconds = units / unitsPerMillisecond - (units % unitsPerMillisecond < 0n ? 1n : 0n);
  return isoDate(Number(milliseconds)) ?? String(units);
}

function isoDate(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Big-endian two's complement, or an integer. */
function unscaled(stored: unknown): bigint {
  if (!(stored instanceof Uint8Array)) return BigInt(stored as bigint | number);
  let value = 0n;
  for (const byte of stored) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(stored.length * 8, value);
}

function decimalText(value: bigint, scale: number): string {
  return `${value}e${-scale}`;
}

function uuidText(bytes: Uint8Array): string {
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function float16(bytes: Uint8Array): number {
  const bits = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? sign * 2 ** -14 * (fraction / 1024)
    : sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
