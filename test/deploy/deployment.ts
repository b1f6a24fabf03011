/** The application as `cdk bootstrap` and `cdk deploy` put it into an account: here the account of an emulator. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SignatureV4 } from "@smithy/signature-v4";
import { type RecordingProxy, startRecordingProxy } from "../aws/recording-proxy.ts";
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  emulatedEnvironment,
  startEmulator,
} from "../emulator/emulator.ts";
import { Sha256 } from "../sha256.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cdk = join(root, "node_modules", "aws-cdk", "bin", "cdk");
const stage = "dev";

export interface Answer {
  readonly status: number;
  readonly contentType: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the service answers.
  readonly body: any;
}

export interface Deployment {
  /** Variables for a process that talks to the account. */
  readonly environment: Readonly<Record<string, string>>;
  /** The same, for a process whose calls are recorded as those of a role of the stage. */
  environmentAs(purpose: string): Readonly<Record<string, string>>;
  readonly endpoint: string;
  /** The outputs of all stacks, by stack. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Where the API answers and calls are recorded; ends in `/`. */
  readonly recordedApiUrl: string;
  /** The value of the only output whose name contains this. */
  output(name: string): string;
  /** Deploys again, what another program synthesises with these variables: all stacks, or these alone, such as `scoring`. */
  deploy(
    program: string,
    variables: Readonly<Record<string, string>>,
    stacks?: readonly string[],
  ): Promise<void>;
  /** A request to the deployed API; signed unless told otherwise. */
  call(
    method: string,
    path: string,
    body?: unknown,
    options?: { readonly isSigned?: boolean },
  ): Promise<Answer>;
  /** The AWS calls that the functions have made. */
  readonly calls: RecordingProxy["calls"];
  readonly refuseNext: RecordingProxy["refuseNext"];
  stop(): Promise<void>;
}

/** Bootstraps the account and deploys every stack of the stage, as an engineer would. */
export async function deployToEmulator(): Promise<Deployment> {
  let upstream = "";
  const proxy = await startRecordingProxy(() => upstream);
  // The emulator hands this address on to its functions.
  const emulator = await startEmulator({ AWS_ENDPOINT_URL: proxy.endpoint });
  upstream = emulator.endpoint;
  const folder = await mkdtemp(join(tmpdir(), "leadgauge-deploy-"));
  const environment = {
    ...emulatedEnvironment(emulator.endpoint),
    CDK_DEFAULT_ACCOUNT: EMULATED_ACCOUNT,
    CDK_DEFAULT_REGION: EMULATED_REGION,
  };
  const outputs: Record<string, Record<string, string>> = {};
  const outputsFile = join(folder, "outputs.json");
  const deploy = async (
    program?: string,
    variables: Readonly<Record<string, string>> = {},
    stacks?: readonly string[],
  ) => {
    const options = ["--require-approval", "never", "--outputs-file", outputsFile];
    const app = program === undefined ? [] : ["--app", `"${process.execPath}" ${program}`];
    const alone = stacks?.map((name) => `leadgauge-${stage}/${name}`);
    const chosen = alone === undefined ? ["--all"] : [...alone, "--exclusively"];
    await run(["deploy", ...chosen, ...options, ...app], variables);
    Object.assign(outputs, JSON.parse(await readFile(outputsFile, "utf8")));
  };
  const stop = async () => {
    await emulator.stop();
    await proxy.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await run(["bootstrap", `aws://${EMULATED_ACCOUNT}/${EMULATED_REGION}`]);
    await deploy();
  } catch (error) {
    await stop();
    throw error;
  }

  async function run(
    words: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const context = ["-c", `stage=${stage}`, "-c", "target=emulator", "--output", join(folder, "cdk.out")];
    const env = { ...process.env, ...environment, ...variables };
    const options = { cwd: root, env, maxBuffer: 64 * 1024 * 1024 };
    try {
      await promisify(execFile)(process.execPath, [cdk, ...words, ...context], options);
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
      throw new Error(`cdk ${words[0]} failed:\n${`${stdout}\n${stderr}`.slice(-8_000)}`);
    }
  }

  const output = (name: string): string => {
    const found = Object.values(outputs).flatMap((ofStack) =>
      Object.entries(ofStack).filter(([key]) => key.includes(name)),
    );
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(`${found.length} outputs are named like ${name}: ${JSON.stringify(outputs)}`);
    }
    return only[1];
  };

  /** https://{api}.execute-api.{region}.amazonaws.com/{stage}/ answers here under another address. */
  const apiUrl = (endpoint: string) =>
    `${endpoint}/restapis/${new URL(output("ApiUrl")).hostname.split(".")[0]}/${stage}/_user_request_/`;

  const call: Deployment["call"] = async (method, path, body, { isSigned = true } = {}) => {
    const url = new URL(path.slice(1), apiUrl(emulator.endpoint));
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { host: url.host, "content-type": "application/json" };
    const request = isSigned ? await sign(method, url, headers, text) : { headers };
    const answer = await fetch(url, {
      method,
      headers: request.headers,
      ...(text !== undefined && { body: text }),
    });
    return {
      status: answer.status,
      contentType: answer.headers.get("content-type"),
      body: JSON.parse(await answer.text()),
    };
  };

  return {
    environment,
    environmentAs: (purpose) => ({
      ...environment,
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_SDK_UA_APP_ID: `leadgauge-${stage}-${purpose}`,
    }),
    endpoint: emulator.endpoint,
    recordedApiUrl: apiUrl(proxy.endpoint),
    outputs,
    output,
    deploy,
    call,
    calls: proxy.calls,
    refuseNext: proxy.refuseNext,
    stop,
  };
}

function sign(
  method: string,
  url: URL,
  headers: Record<string, string>,
  body: string | undefined,
): Promise<{ headers: Record<string, string> }> {
  const signer = new SignatureV4({
    service: "execute-api",
    region: EMULATED_REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    sha256: Sha256,
  });
  return signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers,
    ...(body !== undefined && { body }),
  });
}
