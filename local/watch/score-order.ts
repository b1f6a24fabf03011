import { FileError } from "../../core/batch/file-error.ts";
import type { DropManifest } from "../../core/batch/manifest.ts";
import { defaultTolerance } from "../../core/batch/tolerance.ts";
import { scoreFile } from "../files/score-file.ts";
import type { DropOrder } from "./drop-messages.ts";

const reasons = 3;

/** Scores a drop in the thread that asks; without a package it writes the manifest that says why not. */
export function scoreOrder(order: DropOrder): Promise<DropManifest> {
  return scoreFile({
    path: order.path,
    outDirectory: order.outDirectory,
    model: {
      name: order.model,
      directory: async () => {
        if ("directory" in order.package) return order.package.directory;
        throw new FileError(order.package.code, order.package.message);
      },
    },
    options: { reasons, top: 0, tolerance: defaultTolerance },
    threads: 0,
  });
}
