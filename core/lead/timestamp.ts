/** Texts to milliseconds since 1970-01-01T00:00:00Z by rule 8 of docs/feature-spec.md. */

/** Formats are tokens and literal characters of `/ - . : , T` and space. */
const formatPattern = /^(?:YYYY|MM|DD|HH|mm|ss|[/\-.:, T])+$/;
const tokenPattern = /YYYY|MM|DD|HH|mm|ss/g;

const namedFormats: readonly string[] = ["iso", "epoch-seconds", "epoch-milliseconds"];

/** What is wrong with a format, or undefined. */
export function timestampFormatProblem(format: string): string | undefined {
  if (namedFormats.includes(format)) return undefined;
  if (!formatPattern.test(format)) {
    return `is not a timestamp format: use ${namedFormats.join(", ")}, or YYYY MM DD HH mm ss with / - . : , T and spaces between`;
  }
  const found: readonly string[] = format.match(tokenPattern) ?? [];
  if (new Set(found).size !== found.length) return "has a part twice";
  for (const needed of ["YYYY", "MM", "DD"]) {
    if (!found.includes(needed)) return `lacks ${needed}: year, month and day are needed`;
  }
  return undefined;
}

const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d))?)?$/;

/** A parser of one format; NaN where the text is not of it or the date does not exist. `parseNumber` reads epochs. */
export function timestampParser(
  format: string,
  parseNumber: (text: string) => number,
): (text: string) => number {
  if (format === "iso") return (text) => parseIso(text.trim());
  const millisecondsPerUnit = epochUnit(format);
  if (millisecondsPerUnit !== undefined) {
    return (text) => epoch(parseNumber(text), millisecondsPerUnit);
  }
  return customParser(format);
}

/** One moment as a format writes it, for people. Its day can't be taken for its month. */
export function timestampExample(format: string): string {
  if (format === "iso") return "2024-03-31T10:15:00Z";
  const parts: Record<string, string> = { YYYY: "2024", MM: "03", DD: "31", HH: "10", mm: "15", ss: "00" };
  const millisecondsPerUnit = epochUnit(format);
  const text =
    millisecondsPerUnit === undefined
      ? format.replace(tokenPattern, (token) => parts[token] as string)
      : String(Date.UTC(2024, 2, 31, 10, 15) / millisecondsPerUnit);
  return `${text} (${format})`;
}

/** A JSON number under one format; NaN where the format takes none. */
export function timestampOfNumber(format: string, value: number): number {
  const millisecondsPerUnit = epochUnit(format);
  return millisecondsPerUnit === undefined ? Number.NaN : epoch(value, millisecondsPerUnit);
}

function epochUnit(format: string): number | undefined {
  if (format === "epoch-seconds") return 1000;
  return format === "epoch-milliseconds" ? 1 : undefined;
}

const earliest = Date.UTC(2000, 0, 1) - 730_119 * 86_400_000; // 0001-01-01, which Date.UTC cannot say
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function inRange(milliseconds: number): number {
  return milliseconds >= earliest && milliseconds <= latest ? milliseconds : Number.NaN;
}

function epoch(value: number, millisecondsPerUnit: number): number {
  return inRange(Math.trunc(value * millisecondsPerUnit) + 0);
}

function parseIso(text: string): number {
  const parts = iso.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = ""] = parts;
  const [sign, zoneHour, zoneMinute] = parts.slice(8);
  const local = fromParts(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const milliseconds = local + Number(fraction.padEnd(3, "0").slice(0, 3));
  if (sign === undefined) return inRange(milliseconds);
  if (Number(zoneHour) > 23 || Number(zoneMinute) > 59) return Number.NaN;
  const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * 60_000;
  return inRange(sign === "+" ? milliseconds - offset : milliseconds + offset);
}

function customParser(format: string): (text: string) => number {
  const order: readonly string[] = format.match(tokenPattern) ?? [];
  const source = format
    .replace(/[.,/\-: T]/g, (literal) => `\\x${literal.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .replace(tokenPattern, (token) => `(\\d{${token.length}})`);
  const pattern = new RegExp(`^${source}$`);
  const group = (token: string) => order.indexOf(token) + 1;
  const [year, month, day] = [group("YYYY"), group("MM"), group("DD")];
  const [hour, minute, second] = [group("HH"), group("mm"), group("ss")];
  return (text) => {
    const parts = pattern.exec(text.trim());
    if (parts === null) return Number.NaN;
    const part = (index: number) => (index === 0 ? 0 : Number(parts[index]));
    return inRange(fromParts(part(year), part(month), part(day), part(hour), part(minute), part(second)));
  };
}

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function fromParts(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  if (year < 1 || month < 1 || month > 12 || day < 1) return Number.NaN;
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && isLeapYear ? 29 : (daysInMonth[month - 1] as number);
  if (day > days || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  // Date.UTC reads the years 0 to 99 as 1900 to 1999; 400 years are a whole number of days.
  return Date.UTC(year + 400, month - 1, day, hour, minute, second) - 146_097 * 86_400_000;
}
