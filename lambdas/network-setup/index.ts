/** Custom resource: what CloudFormation has no resource for in a network. */
import { EC2Client } from "@aws-sdk/client-ec2";
import { customResource, textProperty } from "../custom-resource/custom-resource.ts";
import { closeSecurityGroup, prefixListId } from "./network-setup.ts";

const client = new EC2Client();

/**
 * Properties: `PrefixListName`, and `DefaultSecurityGroupId` for a VPC of our own. Attribute `PrefixListId`: what rules of
 * security groups know the addresses of the service by.
 */
export const handler = customResource("network-setup", async (properties) => {
  if (properties.DefaultSecurityGroupId !== undefined) {
    await closeSecurityGroup(client, textProperty(properties, "DefaultSecurityGroupId"));
  }
  return { PrefixListId: await prefixListId(client, textProperty(properties, "PrefixListName")) };
});
