/** `npm start`: the API, a page to try it, and the watched folder, on this machine, with nothing else needed. */
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Champions } from "../../core/registry/champions.ts";
import { readExampleLead } from "../../core/registry/package-documents.ts";
import { createHandler } from "../../lambdas/api/handler.ts";
import { DirectoryObjectStore } from "../store/directory-object-store.ts";
import { LocalOutcomeStore } from "../store/local-outcome-store.ts";
import { localPaths } from "../store/paths.ts";
import { type DropsWatch, watchDrops } from "../watch/watch-drops.ts";
import { createGatewayServer } from "./gateway-server.ts";
import { RequestLog } from "./request-log.ts";
import { seedModels } from "./seed.ts";
import { type ServerSettings, SettingsError, serverSettings } from "./settings.ts";

const SHUTDOWN_IN_MILLISECONDS = 5_000;
/** Who waited for the server to listen calls now, and is answered before the models are loaded that nobody asked for. */
const GRACE_IN_MILLISECONDS = 20;

async function main(): Promise<void> {
  const settings = serverSettings(process.env);
  const paths = localPaths();
  const store = new DirectoryObjectStore(paths.store);
  const requestLog = new RequestLog((text) => process.stdout.write(text));
  // Who reads the log may go away: that is no reason to stop serving.
  process.stdout.on("error", () => {});
  const champions = new Champions({
    store,
    onChange: ({ model, version, problem }) => {
      if (problem !== undefined) process.stderr.write(`leadgauge: ${model || "models"}: ${problem}\n`);
      else requestLog.log({ message: "model", level: "info", model, version });
    },
  });
  const outcomes = new LocalOutcomeStore({ directory: paths.warehouse, migrations: paths.migrations });
  const handler = createHandler({
    champions,
    store,
    outcomes,
    log: requestLog.log,
    allowedOrigins: settings.allowedOrigins,
  });
  const seeding = seedModels(store, new DirectoryObjectStore(paths.shippedModels));
  // Listens from the first moment: who calls meanwhile waits, and gets the model that is asked for before the others are loaded.
  const server = createGatewayServer(async (event) => {
    await seeding;
    return handler(event);
  });
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListenError(error, settings)));
    server.listen(settings.port, settings.host, resolve);
  });
  await Promise.all([seeding, listening]);
  const address = addressOf(server.address() as AddressInfo);

  let drops: DropsWatch | undefined;
  let isStopping = false;
  const stop = async () => {
    // Asked a second time: at once.
    if (isStopping) process.exit(1);
    isStopping = true;
    process.stdout.write("Leadgauge stops.\n");
    setTimeout(() => server.closeAllConnections(), SHUTDOWN_IN_MILLISECONDS).unref();
    server.closeIdleConnections();
    await Promise.all([new Promise((resolve) => server.close(resolve)), drops?.stop()]);
    await outcomes.close();
    requestLog.flush();
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);

  await sleep(GRACE_IN_MILLISECONDS);
  await champions.start();
  if (isStopping) return;
  drops = await watchDrops({ store, champions, log: (event) => requestLog.log({ ...event }) });
  process.stdout.write(`Leadgauge serves on ${address}\n${await welcome(address, champions, store)}`);
  requestLog.start();
}

function explainListenError(error: NodeJS.ErrnoException, { host, port }: ServerSettings): Error {
  if (error.code === "EADDRINUSE") {
    return new SettingsError(
      `Port ${port} of ${host} is in use. Stop the other program, or choose another port: PORT=${port === 65_535 ? 8080 : port + 1} npm start`,
    );
  }
  if (error.code === "EACCES")
    return new SettingsError(`Port ${port} is not allowed to this user; choose one from 1024 on.`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
    return new SettingsError(`HOST=${host} is no address of this machine.`);
  }
  return error;
}

function addressOf({ address, port, family }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** What there is, and a line to paste that scores a lead. */
async function welcome(address: string, champions: Champions, store: DirectoryObjectStore): Promise<string> {
  const served = champions.statuses().flatMap(({ champion }) => champion ?? []);
  const lines = served.map(({ model, number }) => `  ${model.name.padEnd(20)} v${number}  ${model.title}`);
  if (served.length === 0) {
    return `No model can be served yet. Train one and register it: npm run -s leadgauge -- --help\n`;
  }
  const preferred = served.find(({ model }) => model.name === "x-education") ?? served[0];
  const fields = preferred && (await readExampleLead(store, preferred.model).catch(() => null));
  const tryIt =
    preferred && fields
      ? `\nTry it:\n${curlLine(`${address}/v1/models/${preferred.model.name}/score${preferred.model.noReasons === null ? "?reasons=3" : ""}`, { leadId: "L-1042", fields })}\n`
      : "";
  return `\nModels:\n${lines.join("\n")}\n\nDocumentation: ${address}/docs\nFiles to score go into ${join(store.root, "batch", "in")}/{model}/\n${tryIt}\n`;
}

function curlLine(url: string, body: unknown): string {
  // In single quotes a shell takes everything literally but the single quote.
  const json = JSON.stringify(body).replaceAll("'", "'\\''");
  return `curl -s '${url}' -H 'content-type: application/json' -d '${json}'`;
}

main().catch((error) => {
  const text =
    error instanceof SettingsError
      ? error.message
      : `The server could not start: ${error instanceof Error ? error.message : error}`;
  process.stderr.write(`leadgauge: ${text}\n`);
  process.exit(1);
});
