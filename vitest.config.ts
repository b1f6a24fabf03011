import { defineConfig } from "vitest/config";

const code = ["core", "lambdas", "local", "lib", "bench"].map((folder) => `${folder}/**/*.test.ts`);

/** They measure times, or change what others use (synth bundles the functions anew): nothing runs beside them. */
const timing = ["capture-faults", "follow-registry", "hostile", "registry-on-s3", "synth", "watch"].map(
  (name) => `test/system/${name}.test.ts`,
);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [...code, "test/unit/**/*.test.ts"],
          setupFiles: "test/fixed-seed.ts",
          // A busy machine takes ten times as long.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // By default one core is left idle: on two, half of them.
          maxWorkers: "100%",
        },
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
        // They start processes, train and bundle.
        test: {
          name: "system",
          include: ["test/system/**/*.test.ts"],
          exclude: timing,
          globalSetup: "test/emulator/install.ts",
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "timing",
          include: timing,
          // What a busy machine misses now and then: a limit that is wrong is missed again.
          retry: 2,
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
