/** Kinds of values that several sections of the configuration use, each refusing what AWS would refuse later. */
import { z } from "zod";

const RETENTIONS_IN_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** Days that CloudWatch Logs keeps a log: it knows these values only. */
export const logRetention = z.int().refine((days) => RETENTIONS_IN_DAYS.includes(days), {
  error: `must be one of the numbers of days that CloudWatch Logs knows: ${RETENTIONS_IN_DAYS.join(", ")}`,
});

export const accountId = z.string().regex(/^\d{12}$/, "must be an account number: 12 digits");

export const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as eu-central-1");

export const keyArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/,
    "must be the ARN of a KMS key, such as arn:aws:kms:eu-central-1:123456789012:key/…; an alias can be moved to another key and is not accepted",
  );

/** The ARN of an IAM principal that a policy may name. */
export const principalArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)\/[\w+=,.@/-]+)$/,
    "must be the ARN of an account (arn:aws:iam::123456789012:root), a role or a user, without wildcards",
  );

export const policyArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    "must be the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary",
  );

/** A resource id such as `subnet-0abc1234`. */
export const resourceId = (kind: string) =>
  z.string().regex(new RegExp(`^${kind}-[0-9a-f]{8,17}$`), `must be an id such as ${kind}-0123456789abcdef0`);

/** Redshift Processing Units, in the steps that Redshift Serverless takes; 1024 only in some regions. */
export const warehouseCapacity = z
  .int()
  .refine((rpu) => rpu === 4 || rpu === 1_024 || (rpu >= 8 && rpu <= 512 && rpu % 8 === 0), {
    error: "must be 4, or 8 to 512 in steps of 8, or (in some regions) 1024",
  });

/** A zone's name, such as `eu-central-1a`. */
export const zone = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "must be the name of an availability zone, such as eu-central-1a");

const PRIVATE_RANGES = [
  { first: ipv4("10.0.0.0"), bits: 8 },
  { first: ipv4("172.16.0.0"), bits: 12 },
  { first: ipv4("192.168.0.0"), bits: 16 },
];

/** Addresses that no VPC can have: of this host, of loops, of links, and from multicast upward. */
const RESERVED_RANGES = [
  { first: ipv4("0.0.0.0"), bits: 8 },
  { first: ipv4("127.0.0.0"), bits: 8 },
  { first: ipv4("169.254.0.0"), bits: 16 },
  { first: ipv4("224.0.0.0"), bits: 3 },
];

/** The address range of a VPC that is created: private (RFC 1918), as large as AWS allows, and beginning where a range of its size begins. */
export const privateCidr = cidrOf((range) =>
  PRIVATE_RANGES.some((each) => isWithin(range, each))
    ? undefined
    : "must be within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16: other addresses are public",
);

/** The address range of a VPC that exists: any that AWS lets one have, shared (100.64.0.0/10) and public addresses among them. */
export const vpcCidr = cidrOf((range) =>
  RESERVED_RANGES.some((each) => isWithin(range, each))
    ? "must not be within 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 or 224.0.0.0/3: no VPC has these addresses"
    : undefined,
);

interface AddressRange {
  readonly first: number;
  readonly bits: number;
}

/** @param problemOfPlace what is wrong with where the range lies; undefined: nothing */
function cidrOf(problemOfPlace: (range: AddressRange) => string | undefined) {
  return z.string().superRefine((text, context) => {
    const problem = problemOfCidr(text) ?? problemOfPlace(parseCidr(text));
    if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
  });
}

function isWithin({ first, bits }: AddressRange, range: AddressRange): boolean {
  const size = 2 ** (32 - range.bits);
  return bits >= range.bits && first - (first % size) === range.first;
}

function problemOfCidr(text: string): string | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(text)) return "must be an address range such as 10.20.0.0/20";
  const { first, bits } = parseCidr(text);
  if (
    text
      .split(/[./]/)
      .slice(0, 4)
      .some((part) => Number(part) > 255 || /^0\d/.test(part))
  ) {
    return "must be an address range such as 10.20.0.0/20: each of the four numbers is 0 to 255";
  }
  if (bits < 16 || bits > 28) return "must have a prefix of /16 to /28: a VPC can have no other size";
  const size = 2 ** (32 - bits);
  if (first % size !== 0) {
    return `must begin where a /${bits} begins: ${formatIpv4(first - (first % size))}/${bits} does`;
  }
  return undefined;
}

/** Addresses that can be used in each part of a range cut into 2^subnetBits; AWS keeps five of every subnet. */
export function freeAddresses(cidr: string, subnetBits: number): number {
  return 2 ** (32 - parseCidr(cidr).bits - subnetBits) - 5;
}

function parseCidr(text: string): AddressRange {
  const [address = "", bits] = text.split("/");
  return { first: ipv4(address), bits: Number(bits) };
}

function ipv4(text: string): number {
  return text.split(".").reduce((number, part) => number * 256 + Number(part), 0);
}

function formatIpv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}
