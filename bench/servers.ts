import { join } from "node:path";
import { projectRoot } from "../scripts/install.mjs";
import { type Bench, model } from "./prepare.ts";
import { onCore, type ServerCommand, serverCore } from "./processes.ts";

export interface BenchServer extends ServerCommand {
  readonly name: string;
  readonly path: string;
  readonly bodiesFile: string;
  readonly firstBody: unknown;
}

/** Leadgauge and the Python peers, each as one process on one core. The first one is what the others are compared with. */
export function servers(bench: Bench): {
  readonly peers: readonly BenchServer[];
  readonly leadgauge: (reasons: number) => BenchServer;
} {
  const peer = (name: string, command: (port: number) => readonly string[]): BenchServer => ({
    name,
    path: "/score",
    bodiesFile: bench.peerBodiesFile,
    firstBody: bench.leads[0],
    command: (port) => onCore(serverCore, [bench.python, "-m", ...command(port)]),
    environment: () => ({
      PIPELINE_FOLDER: bench.peerFolder,
      PYTHONPATH: join(projectRoot, "bench", "peers"),
      // One core: more threads than that only get in each other's way.
      OMP_NUM_THREADS: "1",
    }),
  });
  return {
    peers: [
      peer("FastAPI, scikit-learn pipeline, XGBoost", (port) => [
        "uvicorn",
        "fastapi_app:app",
        "--port",
        String(port),
        "--no-access-log",
        "--log-level",
        "error",
      ]),
      peer("Flask, the same pipeline", (port) => [
        "gunicorn",
        "flask_app:app",
        "--bind",
        `127.0.0.1:${port}`,
        "--worker-class",
        "gthread",
        "--log-level",
        "error",
      ]),
    ],
    leadgauge: (reasons) => ({
      name: reasons === 0 ? "Leadgauge, no reasons" : `Leadgauge, ${reasons} reasons`,
      path: `/v1/models/${model}/score${reasons === 0 ? "" : `?reasons=${reasons}`}`,
      bodiesFile: bench.bodiesFile,
      firstBody: { leadId: "lead-0", fields: bench.leads[0] },
      command: () => onCore(serverCore, [process.execPath, bench.serverProgram]),
      environment: (port) => ({ PORT: String(port), LEADGAUGE_HOME: bench.store }),
    }),
  };
}
