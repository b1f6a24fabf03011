import { expect, test } from "vitest";
import { specJsonSchema } from "./shape.ts";

/** `vitest run -u core/spec` writes the published schema anew. */
test("the published JSON Schema is that of the code", async () => {
  const published = `${JSON.stringify(specJsonSchema(), null, 2)}\n`;
  await expect(published).toMatchFileSnapshot("../../specs/feature-spec.schema.json");
});
