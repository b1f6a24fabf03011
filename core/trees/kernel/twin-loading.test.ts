import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../../test/random-trees.ts";
import type { LoadingKernels } from "./kernels.ts";
import { ModelMemory } from "./model-memory.ts";

const bytes = 0x10000;
const limits = [
  [-100, 100],
  [-1e308, 1e308],
  [-0.5, 2e9],
  [0, 254.5],
  [300, 1e5],
] as const;

/** What both answer and write to these ranges of bytes, of the same memory. */
function both(
  written: readonly (readonly [number, number])[],
  run: (kernels: LoadingKernels, memory: ModelMemory) => number,
) {
  return [true, false].map((webAssembly) => {
    const memory = new ModelMemory(bytes, webAssembly);
    const result = run(memory.kernels, memory);
    return { result, written: written.map(([from, to]) => [...memory.bytes.subarray(from, to)]) };
  });
}

test("checks: WebAssembly and its twin answer and write the same, also of trees that are wrong", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 5 }),
      (seed, trees, mostDepth) => {
        const fill = ({ bytes }: ModelMemory) => {
          const random = seededRandom(seed);
          for (let i = 0; i < 4096; i++) bytes[i] = random() < 0.6 ? 0 : Math.floor(random() * 256);
          for (let node = 0; node < 256; node++) {
            const flag = random() < 0.45 ? 1 + Math.floor(random() * 500) : 0;
            bytes[node * 2] = flag & 255;
            bytes[node * 2 + 1] = flag >> 8;
          }
        };
        const [wasm, twin] = both(
          [
            [8192, 8256],
            [9000, 9016],
            [12_000, 12_600],
          ],
          (kernels, memory) => {
            fill(memory);
            memory.words.set([0, 5, 5, 60], 6000 >> 2);
            const results = [
              kernels.measureTrees(0, 200, trees, mostDepth, 8192, 10_000, 9000),
              kernels.joinFlags(1000, 300, 1400, 100, 12_000),
              kernels.firstFalling(1600, 2400, 6000, 3),
              ...limits.flatMap(([minimum, maximum]) =>
                [0, 1, 2, 3, 4, 5, 6].map((type) => kernels.firstOutside(type, 800, 43, minimum, maximum)),
              ),
            ];
            return results.reduce((hash, result) => Math.imul(hash, 31) + result, 7);
          },
        );
        expect(twin).toEqual(wasm);
      },
    ),
    { numRuns: 100 },
  );
});

test("trees expand alike", () => {
  const flags = [2, 1, 0, 0, 3, 0, 0, 1, 0, 0, 0];
  const [wasm, twin] = both([[4096, 8192]], ({ expandTrees }, { halves, words, doubles, bytes }) => {
    halves.set(flags);
    words.set([0, 7, 10, 11], 256 >> 2);
    words.set([-1, 4, 5, 6], 512 >> 2);
    doubles.set([0, 0.5, -1.5, 1e300], 1024 >> 3);
    bytes.set([0, 1, 0, 1], 1536);
    bytes.set([0, 0, 1, 1], 2048);
    expandTrees(0, flags.length, 256, 512, 1024, 1536, 2048, 4096, 4608, 5120, 5632, 6144, 6656, 3000);
    return 0;
  });
  expect(twin).toEqual(wasm);
});

test("covers add up alike, to where one is no number", () => {
  // Two trees: a split of two leaves, and a split of a split and a leaf.
  const flags = [7, 0, 0, 7, 7, 0, 0, 0];
  for (const [last, expected] of [
    [1, -1],
    [3.4e38, 3],
  ] as const) {
    const [wasm, twin] = both([[1024, 1056]], (kernels, { halves, singles, bytes }) => {
      halves.set(flags);
      singles.set([0.1, 0.2, 3.4e38 / 2, 3.4e38 / 2, last], 100);
      bytes.set([255, 1, 127], 500);
      return kernels.addCovers(0, flags.length, 420, 503, 1024, 2048);
    });
    expect(wasm?.result).toBe(expected);
    expect(twin).toEqual(wasm);
  }
});
