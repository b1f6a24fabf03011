import { z } from "zod";

const webhookSecret = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/,
    "must be the whole ARN of a secret, with the six characters at its end",
  );

/** Who is told when an alarm goes off. */
export const alertsConfigSchema = z.strictObject({
  /** Mail addresses. Each gets a message with a link to confirm. Default: none; then alarms show in CloudWatch only. */
  emails: z.array(z.email("must be a mail address")).max(20).default([]),
  /**
   * A webhook, as chats and paging services offer them: the ARN of a secret `{ "url": "https://…", "token": "…" }` (the token, if any, is
   * sent as a bearer token). The JSON that is posted has a member `text`, which Slack, Mattermost and Teams show. Default: none.
   */
  webhookSecretArn: webhookSecret.optional(),
});
