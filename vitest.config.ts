import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["core/**/*.test.ts", "lambdas/**/*.test.ts", "local/**/*.test.ts", "lib/**/*.test.ts", "test/unit/**/*.test.ts"] } },
      { test: { name: "system", include: ["test/system/**/*.test.ts"], testTimeout: 600_000, hookTimeout: 600_000 } },
    ],
  },
});
