/** The scoring function's real bundle in an environment like Lambda's: how it follows the registry between its calls, and what callers notice of it. */
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { promote, registerPackage } from "../../core/registry/register.ts";
import { S3ObjectStore } from "../../lambdas/adapters/s3-object-store.ts";
import { functionBundle } from "../../lib/bundles/function-bundles.ts";
import { canEmulate, emulatedEnvironment, startEmulator } from "../emulator/emulator.ts";
import { type EnvironmentOptions, LambdaEnvironment } from "../lambda-environment/lambda-environment.ts";
import { createSigner } from "../manifest-signer.ts";
import { filesOf, TINY_MODEL, type TinyPackage, tinyPackage } from "../tiny-package.ts";
import { FaultyS3, type S3Fault } from "./faulty-s3.ts";

const TIMEOUT_IN_MILLISECONDS = 10_000;
const POLL = { timeout: 20_000, interval: 100 };

describe.skipIf(!canEmulate)("on an emulator of AWS (needs uv in .venv: npm test installs it)", () => {
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  let s3: S3Client;
  let faulty: FaultyS3;
  let store: S3ObjectStore;
  let bucket: string;
  let environment: LambdaEnvironment | undefined;
  let count = 0;
  const signer = createSigner();
  const first = tinyPackage();
  const second = tinyPackage({ weight: 0.75 });

  beforeAll(async () => {
    emulator = await startEmulator();
    s3 = new S3Client({
      endpoint: emulator.endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  });
  afterAll(async () => {
    s3.destroy();
    await emulator.stop();
  });
  beforeEach(async () => {
    bucket = `leadgauge-follow-${++count}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    store = new S3ObjectStore(s3, bucket);
    faulty = new FaultyS3(emulator.endpoint);
    await serve(first);
  });
  afterEach(async () => {
    await environment?.stop();
    environment = undefined;
    faulty.stop();
  });

  async function serve(tiny: TinyPackage): Promise<void> {
    await registerPackage(store, filesOf(tiny), { by: "test" }, { signer });
    await promote(store, TINY_MODEL, tiny.version, "production", { by: "test" });
  }

  async function start(options: Partial<EnvironmentOptions> = {}): Promise<LambdaEnvironment> {
    environment = await LambdaEnvironment.start({
      bundle: `${functionBundle("lambdas/api/index.ts")}/index.mjs`,
      timeoutInMilliseconds: TIMEOUT_IN_MILLISECONDS,
      variables: {
        ...emulatedEnvironment(await faulty.endpoint()),
        LEADGAUGE_BUCKET: bucket,
        LEADGAUGE_STAGE: "test",
        LEADGAUGE_MANIFEST_PUBLIC_KEYS: signer.publicKey,
      },
      ...options,
    });
    faulty.requestedAt.length = 0;
    return environment;
  }

  async function score(lambda: LambdaEnvironment) {
    const path = `/v1/models/${TINY_MODEL}/score`;
    const { result, ...rest } = await lambda.invoke({
      httpMethod: "POST",
      path,
      headers: { "content-type": "application/json" },
      requestContext: { requestId: `request-${++count}`, path: `/dev${path}` },
      body: JSON.stringify({ leadId: "L-1", fields: { Visits: 3 } }),
      isBase64Encoded: false,
    });
    expect(result.statusCode).toBe(200);
    return { version: JSON.parse(result.body).model.version as string, ...rest };
  }

  it("answers first and looks at a slow registry then; the next call gets the new version", async () => {
    const lambda = await start();
    await score(lambda);
    await serve(second);
    faulty.delayInMilliseconds = 1_000;
    lambda.pass(31_000);
    const call = await score(lambda);
    expect(call.version).toBe(first.version);
    expect(call.answeredInMilliseconds).toBeLessThan(900);
    const ended = await call.endedInMilliseconds;
    expect(ended).toBeGreaterThan(1_000);
    expect(Math.min(...faulty.requestedAt)).toBeGreaterThan(call.answeredAt);
    // While it was frozen nothing more came: all was done in the time after the answer.
    const requests = faulty.requestedAt.length;
    expect((await score(lambda)).version).toBe(second.version);
    expect(faulty.requestedAt.length).toBe(requests);
  });

  it("does not keep the environment between looks", async () => {
    const lambda = await start();
    await score(lambda);
    lambda.pass(29_000);
    const { endedInMilliseconds } = await score(lambda);
    expect(await endedInMilliseconds).toBeLessThan(TIMEOUT_IN_MILLISECONDS / 2);
    expect(faulty.requestedAt).toEqual([]);
  });

  it.each<S3Fault>(["throttles", "refuses", "hangs up"])(
    "keeps what it has while the registry %s, counts it, and follows when that is over",
    async (mode) => {
      const lambda = await start();
      await serve(second);
      const told = async () => {
        expect((await score(lambda)).version).toBe(first.version);
        return lambda.log.flatMap((line) => line.RegistryStale ?? []);
      };
      faulty.mode = mode;
      lambda.pass(31_000);
      // Attempts that the SDK repeats may outlast the time after one answer.
      await expect.poll(told, POLL).toEqual([0, 1]);
      faulty.mode = "well";
      lambda.pass(31_000);
      await expect.poll(async () => (await score(lambda)).version, POLL).toBe(second.version);
    },
  );

  it("waits for a registry that hangs only once, and never longer than the function may run", async () => {
    const lambda = await start({ timeoutInMilliseconds: 1_500 });
    faulty.mode = "hangs";
    lambda.pass(31_000);
    const call = await score(lambda);
    expect(call.answeredInMilliseconds).toBeLessThan(400);
    expect(await call.endedInMilliseconds).toBeGreaterThan(900);
    lambda.pass(1_500);
    const later = await score(lambda);
    expect(later.version).toBe(first.version);
    expect(await later.endedInMilliseconds).toBeLessThan(400);
  });

  it.each(["is missing", "refuses"] as const)(
    "lends the registry a moment of an answer where the Extensions API %s, and says so once",
    async (extensionsApi) => {
      const lambda = await start({ extensionsApi });
      await serve(second);
      lambda.pass(31_000);
      const call = await score(lambda);
      expect(Math.min(...faulty.requestedAt)).toBeLessThan(call.answeredAt);
      await expect.poll(async () => (await score(lambda)).version, POLL).toBe(second.version);
      const told = lambda.log.filter(({ message }) => message === "extension refused");
      expect(told).toMatchObject([{ problem: expect.stringMatching(/answered 40[34]/) }]);
    },
  );

  it("ends an environment that Lambda would wait for in vain", async () => {
    const lambda = await start({ extensionsApi: "breaks after the start" });
    expect((await score(lambda)).version).toBe(first.version);
    expect(await lambda.ended()).toBe("SIGKILL");
    expect(lambda.log).toContainEqual(expect.objectContaining({ message: "extension failed" }));
  });
});
