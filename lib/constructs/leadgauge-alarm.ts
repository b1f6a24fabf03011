import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";

/** What an alarm needs of the stage. */
export interface AlarmContext {
  readonly config: StageConfig;
  /** Where alarms go: the topic of the alerts stack. */
  readonly action: IAlarmAction;
}

export interface LeadgaugeAlarmProps {
  readonly context: AlarmContext;
  /** The alarm's name after `leadgauge-{stage}-`, and the anchor of its entry in docs/runbook.md. */
  readonly alarmId: string;
  /** What has happened, in a sentence for whoever is woken by it. */
  readonly meaning: string;
  readonly metric: IMetric;
  /** It goes off at this value and beyond it. */
  readonly threshold: number;
  /** Default: at and above the threshold. */
  readonly comparison?: ComparisonOperator;
  /** So many periods of the metric… Default: 1. */
  readonly periods?: number;
  /** …of which so many must be at the threshold. Default: all. */
  readonly ofPeriods?: number;
  /** Default: no data is no alarm. */
  readonly missingData?: TreatMissingData;
}

/** An alarm with an entry in the runbook, which its description names. */
export class LeadgaugeAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, props: LeadgaugeAlarmProps) {
    super(scope, `${props.alarmId}-alarm`);
    const { context, alarmId, metric, threshold, periods = 1, ofPeriods = periods } = props;
    const alarmProps: AlarmProps = {
      alarmName: resourceNames(context.config.name).resource(alarmId),
      alarmDescription: `${props.meaning} What to do: docs/runbook.md#${alarmId}`,
      metric,
      threshold,
      comparisonOperator: props.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: ofPeriods,
      treatMissingData: props.missingData ?? TreatMissingData.NOT_BREACHING,
    };
    this.alarm = new Alarm(this, "Alarm", alarmProps);
    this.alarm.addAlarmAction(context.action);
    this.alarm.addOkAction(context.action);
  }
}

export const FIVE_MINUTES = Duration.minutes(5);
