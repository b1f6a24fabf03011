import { everyResource, objectsIn, type Rule } from "./rule.ts";

const LONG_LIVED = ["data-lake", "network", "alerts"];

/**
 * Stacks without data can each be deleted alone, and deployed again: they export nothing, so that nobody imports from them; what they
 * import is never a version of a function, which would pin both stacks to each other; and nothing of them stays behind.
 */
export const stackBorders: Rule = (stacks) => {
  const exports = stacks.flatMap(({ purpose, template }) =>
    Object.values(template.Outputs ?? {})
      .filter(({ Export }) => Export !== undefined)
      .map(({ Value }) => ({ purpose, value: JSON.stringify(Value) })),
  );
  const versions = new Set(
    everyResource(stacks)
      .filter(({ Type }) => Type === "AWS::Lambda::Version" || Type === "AWS::Lambda::Alias")
      .map(({ place }) => place),
  );
  const weak = everyResource(stacks).filter(({ Properties }) =>
    objectsIn(Properties).some((value) => "Fn::GetStackOutput" in value),
  );
  const kept = everyResource(stacks.filter(({ purpose }) => !LONG_LIVED.includes(purpose))).filter(
    ({ DeletionPolicy }) => DeletionPolicy !== undefined && DeletionPolicy !== "Delete",
  );
  return [
    ...kept.map(({ place }) => `${place}: stays behind, in the way of the stack when it is deployed again`),
    ...exports
      .filter(({ purpose }) => !LONG_LIVED.includes(purpose))
      .map(({ purpose, value }) => `${purpose}: exports ${value}, though it holds no data`),
    ...exports
      .filter(({ purpose, value }) =>
        [...versions].some((place) => value.includes(`"${place.slice(purpose.length + 1)}"`)),
      )
      .map(({ purpose, value }) => `${purpose}: exports a version of a function: ${value}`),
    ...weak.map(({ place }) => `${place}: refers to another stack weakly`),
    ...cycles(stacks.map(({ name, dependencies }) => [name, dependencies])),
  ];
};

function cycles(stacks: readonly (readonly [string, readonly string[]])[]): string[] {
  let left = stacks;
  for (;;) {
    const names = new Set(left.map(([name]) => name));
    const free = left.filter(([, dependencies]) => !dependencies.some((name) => names.has(name)));
    if (free.length === 0)
      return left.length === 0 ? [] : [`stacks depend on each other: ${[...names].join(", ")}`];
    left = left.filter((stack) => !free.includes(stack));
  }
}
