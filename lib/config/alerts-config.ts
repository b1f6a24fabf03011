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
  /** A channel of Slack, by Amazon Q Developer in chat applications; somebody must have let it into the workspace before, in its console. Default: none. */
  slack: z
    .strictObject({
      /** As Slack shows it, such as T0123ABCD. Required. */
      workspaceId: z.string().regex(/^[0-9A-Z]{1,255}$/, "must be a workspace's id, such as T0123ABCD"),
      /** The end of its link. Required. */
      channelId: z
        .string()
        .regex(/^[A-Za-z0-9]+$/, "must be a channel's id, the end of its link, such as C0123ABCD"),
    })
    .optional(),
  /** A channel of Microsoft Teams, by the same service and under the same condition. Default: none. */
  teams: z
    .strictObject({
      /** Of the organisation in Microsoft Entra. Required. */
      tenantId: z.guid("must be the tenant's id: a GUID"),
      /** The `groupId` in the team's link. Required. */
      teamId: z.guid("must be the team's id: a GUID"),
      /** As it stands in the channel's link, still encoded. Required. */
      channelId: z
        .string()
        .regex(
          /^[\w\-=+/.,]*%3A[\w\-=+/.,]*%40[\w\-=+/.,]*$/i,
          "must be a channel's id as in its link, such as 19%3A…%40thread.tacv2",
        ),
    })
    .optional(),
});
