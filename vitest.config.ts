import { defineConfig } from "vitest/config";

const code = ["core", "lambdas", "local", "lib", "bench"].map((folder) => `${folder}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        // By default one core is left idle: on two, half of them.
        test: { name: "unit", include: [...code, "test/unit/**/*.test.ts"], maxWorkers: "100%" },
      },
      {
        // The stages are synthesised once, in one process.
        test: {
          name: "infrastructure",
          include: ["test/infrastructure/**/*.test.ts", "test/aws/**/*.test.ts"],
          isolate: false,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        // They start processes, train and bundle: one file after the other leaves the timings of each alone.
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        // A real deployment on an emulator of AWS.
        test: {
          name: "deploy",
          include: ["test/deploy/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
