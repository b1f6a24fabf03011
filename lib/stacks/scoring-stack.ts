import type { Construct } from "constructs";
import type { DataLake } from "../constructs/data-lake.ts";
import type { AlarmContext } from "../constructs/leadgauge-alarm.ts";
import type { FunctionPlatform } from "../constructs/leadgauge-function.ts";
import { ScoringApi } from "../constructs/scoring-api.ts";
import { ScoringFunction } from "../constructs/scoring-function.ts";
import { LeadgaugeStack } from "./leadgauge-stack.ts";

export interface ScoringStackProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
  readonly alarms: AlarmContext;
}

/** The function that scores leads and the REST API in front of it. Holds no data. */
export class ScoringStack extends LeadgaugeStack {
  constructor(scope: Construct, { platform, dataLake }: ScoringStackProps) {
    const { config } = platform;
    super(scope, { config, purpose: "scoring", description: "scoring API", isLongLived: false });
    const { handler } = new ScoringFunction(this, "Function", { platform, dataLake });
    new ScoringApi(this, "Api", { config, handler });
  }
}
