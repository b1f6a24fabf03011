import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";

/** An S3 client. An emulator (AWS_ENDPOINT_URL…) has no host name a bucket: there the bucket goes into the path. */
export function createS3Client(config: S3ClientConfig = {}): S3Client {
  const { AWS_ENDPOINT_URL_S3: s3Endpoint, AWS_ENDPOINT_URL: endpoint } = process.env;
  return new S3Client({ forcePathStyle: Boolean(s3Endpoint || endpoint), ...config });
}
