/**
 * Resource types that the emulator of AWS used in tests does not know, each with what a deployment on it does without. One of
 * them would roll a whole stack back, so `target: emulator` takes them out; a test asserts that none is here without need.
 */
export const emulatorGaps: Readonly<Record<string, string>> = {
  "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": "alerts in a channel of Teams",
  "AWS::Chatbot::SlackChannelConfiguration": "alerts in a channel of Slack",
  "AWS::EC2::FlowLog": "the log of the network's connections",
  "AWS::EC2::SecurityGroupEgress": "rules of security groups that name another group or a list of addresses",
  "AWS::EC2::SecurityGroupIngress": "rules of security groups that name another group",
  "AWS::Logs::QueryDefinition": "the saved queries",
};
