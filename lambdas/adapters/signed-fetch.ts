import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Checksum, ChecksumConstructor } from "@smithy/types";

export interface SignedFetchOptions {
  readonly service: string;
  readonly region: string;
  /** Read anew for every call: in Lambda they change while a function lives. */
  readonly credentials: () => { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  readonly timeoutInMilliseconds: number;
  /** Who calls, for the logs of who is called. */
  readonly userAgent?: string;
}

export interface SignedRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An HTTP call signed with AWS Signature Version 4, as any client of the API makes it. */
export type SignedFetch = (request: SignedRequest) => Promise<{ status: number; body: string }>;

export function signedFetch(options: SignedFetchOptions): SignedFetch {
  const { service, region, credentials, timeoutInMilliseconds, userAgent } = options;
  return async ({ method, url, headers = {}, body }) => {
    const { protocol, host, hostname, port, pathname, searchParams } = new URL(url);
    const signer = new SignatureV4({ service, region, credentials: credentials(), sha256: Sha256 });
    const signed = await signer.sign({
      method,
      protocol,
      hostname,
      ...(port && { port: Number(port) }),
      path: pathname,
      query: Object.fromEntries(searchParams),
      headers: { ...headers, host, ...(userAgent && { "user-agent": userAgent }) },
      ...(body !== undefined && { body }),
    });
    const { host: _host, ...sent } = signed.headers;
    const response = await fetch(url, {
      method,
      headers: sent,
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(timeoutInMilliseconds),
    });
    return { status: response.status, body: await response.text() };
  };
}

/** The credentials that Lambda gives a function. */
export function credentialsOfFunction(): ReturnType<SignedFetchOptions["credentials"]> {
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN } = process.env;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
}

/** Node's SHA-256 in the form that the signer asks for. */
const Sha256: ChecksumConstructor = class implements Checksum {
  #hash;
  readonly #secret: Uint8Array | string | undefined;

  constructor(secret?: unknown) {
    this.#secret = secret as Uint8Array | string | undefined;
    this.#hash = this.#begin();
  }
  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {
    this.#hash = this.#begin();
  }
  #begin() {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", this.#secret);
  }
};
