import {
  DescribePrefixListsCommand,
  type EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";

/**
 * Removes the rules that a VPC's default group is created with: all traffic among its members, all traffic out. Whatever is
 * put into the VPC without a group of its own then reaches nothing. A group without them is left as it is.
 */
export async function closeSecurityGroup(client: EC2Client, groupId: string): Promise<void> {
  const amongMembers = { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: groupId }] };
  const toTheWorld = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
  const commands = [
    () =>
      client.send(new RevokeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [amongMembers] })),
    () =>
      client.send(new RevokeSecurityGroupEgressCommand({ GroupId: groupId, IpPermissions: [toTheWorld] })),
  ];
  for (const revoke of commands) {
    try {
      await revoke();
    } catch (error) {
      if (!(error instanceof Error && error.name === "InvalidPermission.NotFound")) throw error;
    }
  }
}

/** Id of the list that AWS keeps of a service's addresses, such as `com.amazonaws.eu-central-1.s3`. */
export async function prefixListId(client: EC2Client, name: string): Promise<string> {
  const { PrefixLists: lists = [] } = await client.send(
    new DescribePrefixListsCommand({ Filters: [{ Name: "prefix-list-name", Values: [name] }] }),
  );
  const id = lists.find(({ PrefixListName: listName }) => listName === name)?.PrefixListId;
  if (id === undefined) throw new Error(`This region has no prefix list ${name}.`);
  return id;
}
