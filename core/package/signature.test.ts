import { sign as signBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSigner } from "../../test/manifest-signer.ts";
import { filesOf, tinyPackage } from "../../test/tiny-package.ts";
import { loadPackage } from "./load.ts";
import { readTrustedKeys, signatureFile, verifyManifest } from "./signature.ts";

const manifest = Buffer.from('{"model":"m"}');
const signer = createSigner();
const trusted = async (...signers: readonly { publicKey: string }[]) => {
  const keys = await readTrustedKeys(signers.map(({ publicKey }) => publicKey).join(","));
  if (keys === undefined) throw new Error("no keys");
  return keys;
};

describe("the signature of a manifest", () => {
  it("is accepted from a trusted key, whatever the lengths of the numbers in its DER form", async () => {
    const keys = await trusted(signer);
    // Numbers with leading zeros come about once in 256 signatures: enough of them are tried.
    for (let round = 0; round < 600; round++) {
      await verifyManifest(manifest, signatureFile(await signer.sign(manifest)), keys);
    }
  });

  it("is accepted from any of several keys, while one replaces another", async () => {
    const next = createSigner();
    const keys = await trusted(signer, next);
    await verifyManifest(manifest, signatureFile(await signer.sign(manifest)), keys);
    await verifyManifest(manifest, signatureFile(await next.sign(manifest)), keys);
  });

  it("is refused when it is missing, of other bytes, or of another key", async () => {
    const keys = await trusted(signer);
    const file = signatureFile(await signer.sign(manifest));
    await expect(verifyManifest(manifest, undefined, keys)).rejects.toThrow(/manifest.sig: is missing/);
    await expect(verifyManifest(Buffer.from('{"model":"n"}'), file, keys)).rejects.toThrow(
      /not the signature/,
    );
    await expect(verifyManifest(manifest, file, await trusted(createSigner()))).rejects.toThrow(
      /not the signature/,
    );
  });

  it("is refused, never accepted and never a crash, whichever byte of it is changed", async () => {
    const keys = await trusted(signer);
    const { keyId, signature } = await signer.sign(manifest);
    for (let index = 0; index < signature.length; index++) {
      const changed = Uint8Array.from(signature, (byte, at) => (at === index ? byte ^ 0x01 : byte));
      const file = signatureFile({ keyId, signature: changed });
      await expect(verifyManifest(manifest, file, keys)).rejects.toThrow(/manifest.sig/);
    }
    for (const length of [0, 1, 2, 10, signature.length - 1]) {
      const file = signatureFile({ keyId, signature: signature.subarray(0, length) });
      await expect(verifyManifest(manifest, file, keys)).rejects.toThrow(/manifest.sig/);
    }
  });

  it.each([
    ["no JSON", "x", /is not JSON/],
    [
      "another algorithm",
      '{"formatVersion":1,"algorithm":"none","signature":""}',
      /\/algorithm must be one of/,
    ],
    ["another format", '{"formatVersion":2}', /\/formatVersion/],
    [
      "no base64",
      '{"formatVersion":1,"algorithm":"ECDSA_SHA_256","signature":"?"}',
      /\/signature must be base64/,
    ],
  ])("is refused as %s", async (_name, text, message) => {
    await expect(verifyManifest(manifest, Buffer.from(text), await trusted(signer))).rejects.toThrow(message);
  });
});

describe("the list of trusted keys", () => {
  it("is empty only where nothing is written, and otherwise right or refused", async () => {
    expect(await readTrustedKeys(" ")).toBeUndefined();
    await expect(readTrustedKeys("x")).rejects.toThrow(/Public key 1 .* P-256/);
    await expect(readTrustedKeys(`${signer.publicKey},`)).rejects.toThrow(/Public key 2/);
    await expect(readTrustedKeys(createSigner("P-384").publicKey)).rejects.toThrow(/P-256/);
  });
});

describe("a package, where keys are trusted", () => {
  const load = async (files: Map<string, Uint8Array>) =>
    loadPackage(filesOf({ version: "", files }), { goldenRows: 4, trustedKeys: await trusted(signer) });
  const signed = async (bytes: Uint8Array) => signatureFile(await signer.sign(bytes));

  it("loads with a signature of its manifest", async () => {
    const { files, version } = tinyPackage();
    files.set("manifest.sig", await signed(files.get("manifest.json") as Uint8Array));
    expect((await load(files)).version).toBe(version);
  });

  it("is refused without one, with that of another package, and with one that is too large", async () => {
    const { files } = tinyPackage();
    await expect(load(files)).rejects.toThrow(/manifest.sig: is missing/);
    files.set(
      "manifest.sig",
      await signed(tinyPackage({ weight: 2 }).files.get("manifest.json") as Uint8Array),
    );
    await expect(load(files)).rejects.toThrow(/manifest.sig: is not the signature/);
  });

  it("is refused when a file was exchanged together with its checksum", async () => {
    const honest = tinyPackage();
    const forged = tinyPackage({ weight: 3 });
    forged.files.set("manifest.sig", await signed(honest.files.get("manifest.json") as Uint8Array));
    await expect(load(forged.files)).rejects.toThrow(/manifest.sig/);
  });

  it("takes no signature in another encoding", async () => {
    const { files } = tinyPackage();
    const bytes = files.get("manifest.json") as Uint8Array;
    const { generateKeyPairSync } = await import("node:crypto");
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const keys = await readTrustedKeys(publicKey.export({ type: "spki", format: "der" }).toString("base64"));
    const raw = signBytes("sha256", bytes, { key: privateKey, dsaEncoding: "ieee-p1363" });
    files.set("manifest.sig", signatureFile({ keyId: "k", signature: raw }));
    const loading = loadPackage(filesOf({ version: "", files }), { goldenRows: 4, trustedKeys: keys });
    await expect(loading).rejects.toThrow(/manifest.sig/);
  });
});
