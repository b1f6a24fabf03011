/** Whether a document is what a JSON Schema asks for: the keywords that this project's published schemas use, and no more. */

export interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  /** Only for people. */
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
}

/** Says yes or no, not why: for documents that are almost always in order. Constants are texts, numbers, booleans or null. */
export function matches(schema: JsonSchema, value: unknown): boolean {
  if (schema.const !== undefined && schema.const !== value) return false;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return false;
  if (schema.anyOf !== undefined && !schema.anyOf.some((each) => matches(each, value))) return false;
  if (schema.oneOf !== undefined && schema.oneOf.filter((each) => matches(each, value)).length !== 1) {
    return false;
  }
  switch (schema.type) {
    case undefined:
      return true;
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value) && isObject(schema, value);
    case "array":
      return Array.isArray(value) && isArray(schema, value);
    case "string":
      return typeof value === "string" && isText(schema, value);
    case "number":
      return typeof value === "number" && isNumber(schema, value);
    case "integer":
      return Number.isInteger(value) && isNumber(schema, value as number);
    case "null":
      return value === null;
    default:
      return typeof value === schema.type;
  }
}

function isObject(schema: JsonSchema, value: object): boolean {
  const { properties = {}, required = [], additionalProperties = true, propertyNames } = schema;
  if (!required.every((key) => Object.hasOwn(value, key))) return false;
  for (const [key, member] of Object.entries(value)) {
    // A name that would change the object itself is no name of anything here.
    if (key === "__proto__") return false;
    if (propertyNames !== undefined && !matches(propertyNames, key)) return false;
    const ofMember = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (ofMember === false) return false;
    if (typeof ofMember === "object" && !matches(ofMember, member)) return false;
  }
  return true;
}

function isArray(
  { items, minItems = 0, maxItems = Infinity }: JsonSchema,
  value: readonly unknown[],
): boolean {
  if (value.length < minItems || value.length > maxItems) return false;
  return items === undefined || value.every((item) => matches(items, item));
}

/** Lengths in UTF-16 units, as the code counts them that explains what is wrong. */
function isText({ minLength = 0, maxLength = Infinity, pattern }: JsonSchema, value: string): boolean {
  if (value.length < minLength || value.length > maxLength) return false;
  return pattern === undefined || new RegExp(pattern).test(value);
}

function isNumber(schema: JsonSchema, value: number): boolean {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const { exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = schema;
  if (!Number.isFinite(value) || value < minimum || value > maximum) return false;
  return value > exclusiveMinimum && value < exclusiveMaximum;
}
