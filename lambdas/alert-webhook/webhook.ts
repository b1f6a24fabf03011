import * as z from "zod";

const TIMEOUT_IN_MILLISECONDS = 10_000;

const webhookSchema = z.object({ url: z.url({ protocol: /^https$/ }), token: z.string().min(1).optional() });
export type Webhook = z.infer<typeof webhookSchema>;

/** What a secret says. Throws an error that quotes nothing of it. */
export function readWebhook(secret: string): Webhook {
  try {
    return webhookSchema.parse(JSON.parse(secret));
  } catch {
    throw new Error(
      'The secret of the webhook has to be JSON: { "url": "https://…", "token": "…" (optional) }.',
    );
  }
}

/** Members of what CloudWatch publishes for an alarm. */
const alarmSchema = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.string(),
  NewStateReason: z.string().nullish(),
  StateChangeTime: z.string().nullish(),
  Region: z.string().nullish(),
});

/** The JSON that is posted. `text` is what chats show; the rest is for machines. */
export function alertBody({ Subject, Message }: { Subject?: string | undefined; Message: string }): object {
  const alarm = readAlarm(Message);
  if (alarm === undefined) return { text: Subject ? `${Subject}\n${Message}` : Message };
  const lines = [`${alarm.NewStateValue}: ${alarm.AlarmName}`, alarm.AlarmDescription, alarm.NewStateReason];
  return {
    text: lines.filter(Boolean).join("\n"),
    alarm: alarm.AlarmName,
    state: alarm.NewStateValue,
    since: alarm.StateChangeTime ?? null,
    region: alarm.Region ?? null,
  };
}

function readAlarm(message: string): z.infer<typeof alarmSchema> | undefined {
  try {
    return alarmSchema.parse(JSON.parse(message));
  } catch {
    return undefined;
  }
}

/** Rejects with a message that holds neither address nor token. */
export async function postAlert(
  { url, token }: Webhook,
  message: { Subject?: string | undefined; Message: string },
  timeoutInMilliseconds = TIMEOUT_IN_MILLISECONDS,
): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(alertBody(message)),
    // A secret goes to the address that was given, and to no other.
    redirect: "error",
    signal: AbortSignal.timeout(timeoutInMilliseconds),
  }).catch((error: unknown) => {
    throw new Error(`It could not be reached: ${error instanceof Error ? error.name : "unknown"}.`);
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`It answered with status ${response.status}.`);
}
