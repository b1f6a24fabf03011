import { CfnResource, type IAspect } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { emulatorGaps } from "./gaps.ts";

/** Takes the resources out of the templates that the emulator does not know. */
export class RemoveGaps implements IAspect {
  visit(construct: IConstruct): void {
    if (!CfnResource.isCfnResource(construct) || !(construct.cfnResourceType in emulatorGaps)) return;
    construct.node.scope?.node.tryRemoveChild(construct.node.id);
  }
}
