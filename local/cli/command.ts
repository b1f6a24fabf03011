import { didYouMean } from "../../core/spec/suggest.ts";
import { UsageError } from "./usage-error.ts";

export interface Option {
  /** The value's name in the help, such as `DIR`; absent: the option is a switch. */
  readonly value?: string;
  readonly help: string;
  readonly isRequired?: boolean;
}

/** One word after `leadgauge`. */
export type Command = ParsedCommand | PassingCommand;

/** Hands its words on as they are, to a program with options and a help of its own. */
export interface PassingCommand {
  passOn(words: readonly string[]): Promise<number>;
}

export interface ParsedCommand {
  readonly summary: string;
  /** Arguments without a name, such as `FILE`. */
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** More lines for the help. */
  readonly notes?: string;
  run(args: Arguments): Promise<number>;
}

/** What a caller wrote, checked against the command's options. */
export interface Arguments {
  readonly operands: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly switches: ReadonlySet<string>;
}

/** Throws `UsageError` for what the command doesn't take. */
export function parseArguments(name: string, command: ParsedCommand, words: readonly string[]): Arguments {
  const operands: string[] = [];
  const values = new Map<string, string>();
  const switches = new Set<string>();
  let onlyOperands = false;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (onlyOperands || !word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    if (word === "--") {
      onlyOperands = true;
      continue;
    }
    const [, optionName = "", , inlineValue] = /^--([^=]*)(=(.*))?$/s.exec(word) ?? [];
    const option = Object.hasOwn(command.options, optionName) ? command.options[optionName] : undefined;
    if (!option) {
      const hint = didYouMean(
        word.startsWith("--") ? `--${optionName}` : word,
        Object.keys(command.options).map((known) => `--${known}`),
      );
      throw new UsageError(`${name} has no option ${word}.${hint} See: leadgauge ${name} --help`);
    }
    if (option.value === undefined) {
      if (inlineValue !== undefined) throw new UsageError(`--${optionName} takes no value.`);
      switches.add(optionName);
      continue;
    }
    const value = inlineValue ?? words[++index];
    if (value === undefined || (inlineValue === undefined && value.startsWith("--"))) {
      throw new UsageError(`--${optionName} needs a value: --${optionName} ${option.value}`);
    }
    if (values.has(optionName)) throw new UsageError(`--${optionName} is given twice.`);
    values.set(optionName, value);
  }
  for (const [optionName, option] of Object.entries(command.options)) {
    if (option.isRequired && !values.has(optionName)) {
      throw new UsageError(`${name} needs --${optionName} ${option.value}. See: leadgauge ${name} --help`);
    }
  }
  if (operands.length !== command.operands.length) {
    throw new UsageError(
      operands.length < command.operands.length
        ? `${name} needs ${command.operands.slice(operands.length).join(" ")}. See: leadgauge ${name} --help`
        : `${name} does not expect "${operands[command.operands.length]}". See: leadgauge ${name} --help`,
    );
  }
  return { operands, values, switches };
}

export function helpOf(name: string, { summary, operands, options, notes }: ParsedCommand): string {
  const written = Object.entries(options).map(([option, { value, isRequired, help }]) => ({
    text: `--${option}${value ? ` ${value}` : ""}`,
    isRequired: isRequired ?? false,
    help,
  }));
  const width = Math.max(...written.map(({ text }) => text.length), 0) + 2;
  const required = written.filter(({ isRequired }) => isRequired).map(({ text }) => ` ${text}`);
  const hasMore = written.some(({ isRequired }) => !isRequired);
  return [
    summary,
    "",
    `Usage: leadgauge ${name}${required.join("")}${operands.map((operand) => ` ${operand}`).join("")}${hasMore ? " [options]" : ""}`,
    ...(written.length > 0 ? ["", "Options:"] : []),
    ...written.map(({ text, help }) => `  ${text.padEnd(width)}${help}`),
    ...(notes ? ["", notes] : []),
    "",
  ].join("\n");
}

/** A whole number within bounds, or the default. */
export function wholeNumber(
  args: Arguments,
  option: string,
  bounds: { readonly minimum: number; readonly maximum: number; readonly otherwise: number },
): number {
  const text = args.values.get(option);
  if (text === undefined) return bounds.otherwise;
  const number = Number(text);
  if (!/^\d{1,15}$/.test(text) || number < bounds.minimum || number > bounds.maximum) {
    throw new UsageError(
      `--${option} is "${text}"; a whole number from ${bounds.minimum} to ${bounds.maximum} is allowed.`,
    );
  }
  return number;
}
