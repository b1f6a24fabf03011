import { everyResource, objectsIn, type Rule } from "./rule.ts";

/** Ports that exist, and nothing open to the world, in either direction. */
export const securityGroups: Rule = (stacks) =>
  everyResource(stacks)
    .filter(({ Type }) => /^AWS::EC2::SecurityGroup(Ingress|Egress)?$/.test(Type))
    .flatMap(({ place, Properties }) =>
      objectsIn(Properties)
        .filter(({ IpProtocol }) => IpProtocol !== undefined)
        .flatMap((rule) => problems(rule).map((problem) => `${place}: ${problem}`)),
    );

function problems({
  IpProtocol,
  FromPort,
  ToPort,
  CidrIp,
  CidrIpv6,
}: Readonly<Record<string, unknown>>): string[] {
  const found: string[] = [];
  const world = [CidrIp, CidrIpv6].find((range) => range === "0.0.0.0/0" || range === "::/0");
  if (world !== undefined) found.push(`is open to ${world}`);
  if (IpProtocol === "-1") found.push("allows every protocol");
  if (IpProtocol === "tcp" || IpProtocol === "udp") {
    for (const [name, port] of Object.entries({ FromPort, ToPort })) {
      if (!(Number.isInteger(port) && Number(port) >= 0 && Number(port) <= 65_535)) {
        found.push(`${name} ${port} is no port`);
      }
    }
    if (Number(FromPort) > Number(ToPort))
      found.push(`ports ${FromPort} to ${ToPort} are in the wrong order`);
  }
  return found;
}
