import { privateCidr } from "../../../lib/config/values.ts";
import { everyResource, type PlacedResource, type Rule } from "./rule.ts";

/** VPCs and subnets have ranges that AWS takes, subnets lie within their VPC, and apart from each other. */
export const addressRanges: Rule = (stacks) => {
  const resources = everyResource(stacks);
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const vpcs = ofType("AWS::EC2::VPC");
  const subnets = ofType("AWS::EC2::Subnet");
  const wrong = [...vpcs, ...subnets].flatMap(({ place, Properties: { CidrBlock } }) => {
    const result = privateCidr.safeParse(CidrBlock);
    return result.success ? [] : [`${place}: ${CidrBlock} ${result.error.issues[0]?.message}`];
  });
  if (wrong.length > 0) return wrong;
  const outside = subnets.filter((subnet) => !vpcs.some((vpc) => contains(rangeOf(vpc), rangeOf(subnet))));
  const overlapping = subnets.flatMap((subnet, index) =>
    subnets
      .slice(index + 1)
      .filter(
        (other) => contains(rangeOf(subnet), rangeOf(other)) || contains(rangeOf(other), rangeOf(subnet)),
      )
      .map((other) => `${subnet.place}: overlaps ${other.place}`),
  );
  return [...outside.map(({ place }) => `${place}: lies in no VPC of the stage`), ...overlapping];
};

interface Range {
  readonly first: number;
  readonly last: number;
}

function rangeOf({ Properties: { CidrBlock } }: PlacedResource): Range {
  const [address = "", bits] = String(CidrBlock).split("/");
  const first = address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
  return { first, last: first + 2 ** (32 - Number(bits)) - 1 };
}

function contains(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}
