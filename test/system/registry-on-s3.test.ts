/** The model registry in a bucket: signed by KMS, changed by the command line, followed by what serves, through faults of S3. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readTrustedKeys, type TrustedKeys } from "../../core/package/signature.ts";
import { Champions, type RegistryCheck } from "../../core/registry/champions.ts";
import { promote, registerPackage } from "../../core/registry/register.ts";
import { packagePrefix } from "../../core/registry/stored-package.ts";
import { KmsManifestSigner } from "../../lambdas/adapters/kms-manifest-signer.ts";
import { S3ObjectStore } from "../../lambdas/adapters/s3-object-store.ts";
import { canEmulate, startEmulator } from "../emulator/emulator.ts";
import { filesOf, TINY_MODEL, type TinyPackage, tinyPackage } from "../tiny-package.ts";
import { FaultyS3, type S3Fault } from "./faulty-s3.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const actor = { by: "test" };

describe.skipIf(!canEmulate)("on an emulator of AWS (needs uv in .venv: npm test installs it)", () => {
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  let s3: S3Client;
  let signer: KmsManifestSigner;
  let signingKey: string;
  let trustedKeys: TrustedKeys | undefined;
  let bucket: string;
  let store: S3ObjectStore;
  let count = 0;
  beforeAll(async () => {
    emulator = await startEmulator();
    const options = { endpoint: emulator.endpoint, region: "us-east-1", credentials };
    s3 = new S3Client({ ...options, forcePathStyle: true });
    const kms = new KMSClient(options);
    const created = await kms.send(
      new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }),
    );
    signingKey = created.KeyMetadata?.KeyId ?? "";
    signer = new KmsManifestSigner(kms, signingKey);
    trustedKeys = await readTrustedKeys(await signer.publicKey());
  });
  afterAll(async () => {
    s3.destroy();
    await emulator.stop();
  });
  beforeEach(async () => {
    bucket = `leadgauge-registry-${++count}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    store = new S3ObjectStore(s3, bucket);
  });

  async function serve(tiny: TinyPackage): Promise<void> {
    await registerPackage(store, filesOf(tiny), actor, { signer, trustedKeys });
    await promote(store, TINY_MODEL, tiny.version, "production", actor, { trustedKeys });
  }

  const first = tinyPackage();
  const second = tinyPackage({ weight: 0.75 });

  it("KMS signs what serving verifies without it", async () => {
    await serve(first);
    const champions = new Champions({ store, trustedKeys, onChange: () => {} });
    expect((await champions.get(TINY_MODEL))?.model.version).toBe(first.version);
    const signature = await store.get(`${packagePrefix(TINY_MODEL, first.version)}manifest.sig`);
    const document = JSON.parse(Buffer.from(signature?.body ?? []).toString());
    expect(document).toMatchObject({ algorithm: "ECDSA_SHA_256", formatVersion: 1 });
    expect(document.keyId).toContain(signingKey);
  });

  it("two who register different versions at once lose nothing", async () => {
    const many = Array.from({ length: 4 }, (_, index) => tinyPackage({ weight: 1 + index / 10 }));
    const registrations = await Promise.all(
      many.map((tiny) => registerPackage(store, filesOf(tiny), actor, { signer, trustedKeys })),
    );
    expect(registrations.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4]);
  });

  describe("the command line", () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "leadgauge-cli-s3-"));
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    async function write(tiny: TinyPackage): Promise<string> {
      const directory = join(folder, tiny.version);
      for (const [name, bytes] of tiny.files) {
        await mkdir(dirname(join(directory, name)), { recursive: true });
        await writeFile(join(directory, name), bytes);
      }
      return directory;
    }

    const leadgauge = (...args: string[]) =>
      promisify(execFile)(process.execPath, [join(root, "scripts", "leadgauge.mjs"), ...args], {
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          LEADGAUGE_HOME: folder,
          AWS_ENDPOINT_URL: emulator.endpoint,
          AWS_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
        },
      }).then(
        ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
        (error: { code: number; stdout: string; stderr: string }) => error,
      );

    it("registers, signs, promotes, lists and rolls back in a bucket", async () => {
      const at = ["--store", `s3://${bucket}`];
      const publish = [...at, "--signing-key", signingKey, "--stage", "production"];
      for (const tiny of [first, second]) {
        const { code, stdout } = await leadgauge("register", "--model", await write(tiny), ...publish);
        expect({ code, stdout }).toMatchObject({
          code: 0,
          stdout: expect.stringContaining("is in production"),
        });
      }
      const champions = new Champions({ store, trustedKeys, onChange: () => {} });
      expect((await champions.get(TINY_MODEL))?.model.version).toBe(second.version);
      expect((await leadgauge("models", ...at)).stdout).toMatch(
        new RegExp(`${first.version}.*previous\\n.*${second.version}.*production`),
      );
      expect((await leadgauge("rollback", TINY_MODEL, ...at)).stdout).toContain(`v1 (${first.version})`);
      await champions.refresh();
      expect(champions.current(TINY_MODEL)?.model.version).toBe(first.version);
    });

    it("says what to do: no signature asked for, no such bucket, no such key", async () => {
      const directory = await write(first);
      const told = async (...args: string[]) => (await leadgauge(...args)).stderr;
      expect(await told("register", "--model", directory, "--store", `s3://${bucket}`)).toMatch(
        /--signing-key KEY or --unsigned/,
      );
      expect(await told("models", "--store", "s3://no-such-bucket-here")).toMatch(/There is no such bucket/);
      expect(await told("models", "--store", `s3://${bucket}/folder`)).toMatch(/without a folder/);
      const unknown = ["--signing-key", "00000000-0000-0000-0000-000000000000"];
      expect(await told("register", "--model", directory, "--store", `s3://${bucket}`, ...unknown)).toMatch(
        /no such KMS key/,
      );
      expect(await told("rollback", TINY_MODEL, "--store", `s3://${bucket}`)).toMatch(
        /nothing was rolled back/,
      );
    });
  });

  describe("what serves", () => {
    let faulty: FaultyS3;
    let client: S3Client;
    let champions: Champions;
    let checks: RegistryCheck[];
    let now: number;
    beforeEach(async () => {
      faulty = new FaultyS3(emulator.endpoint);
      client = new S3Client({
        endpoint: await faulty.endpoint(),
        region: "us-east-1",
        forcePathStyle: true,
        credentials,
        maxAttempts: 2,
        requestHandler: { connectionTimeout: 500, requestTimeout: 500, throwOnRequestTimeout: true },
      });
      checks = [];
      now = 1_000_000;
      champions = new Champions({
        store: new S3ObjectStore(client, bucket),
        trustedKeys,
        now: () => now,
        onChange: () => {},
        onCheck: (check) => checks.push(check),
      });
      await serve(first);
      await champions.start();
    });
    afterEach(() => {
      client.destroy();
      faulty.stop();
    });
    const serving = () => champions.current(TINY_MODEL)?.model.version;

    it("asks at most every 30 s, and serves a new version within 60 s of the next request", async () => {
      await serve(second);
      now += 29_000;
      expect(serving()).toBe(first.version);
      expect(champions.refreshing).toBeUndefined();
      now += 2_000;
      // The request that asks is answered with what there is, the one after it with the new version.
      expect(serving()).toBe(first.version);
      await champions.refreshing;
      expect(serving()).toBe(second.version);
    });

    it.each<S3Fault>(["throttles", "hangs", "refuses", "credentials expired", "hangs up"])(
      "goes on while S3 %s, tells that it may be out of date, and follows when it is over",
      async (mode) => {
        await serve(second);
        faulty.mode = mode;
        now += 31_000;
        const startedAt = performance.now();
        expect(serving()).toBe(first.version);
        expect(performance.now() - startedAt).toBeLessThan(50);
        await champions.refreshing;
        expect(serving()).toBe(first.version);
        expect(checks.at(-1)).toEqual({ isStale: true, refused: [] });
        faulty.mode = "well";
        now += 31_000;
        serving();
        await champions.refreshing;
        expect(serving()).toBe(second.version);
        expect(checks.at(-1)).toEqual({ isStale: false, refused: [] });
      },
    );

    it("starts without models when S3 is down, and takes them up when it is back", async () => {
      faulty.mode = "throttles";
      const late = new Champions({
        store: new S3ObjectStore(client, bucket),
        trustedKeys,
        now: () => now,
        onChange: () => {},
      });
      await late.start();
      expect(late.current(TINY_MODEL)).toBeUndefined();
      faulty.mode = "well";
      now += 2_001;
      late.current(TINY_MODEL);
      await late.refreshing;
      expect(late.current(TINY_MODEL)?.model.version).toBe(first.version);
    });
  });
});
