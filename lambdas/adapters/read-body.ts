import { setTimeout as sleep } from "node:timers/promises";

const attempts = 5;
const pauseInMilliseconds = 50;

interface Answer {
  readonly Body?: { transformToByteArray(): Promise<Uint8Array> } | undefined;
}

/**
 * Reads an answer's body whole. The client tries a request again that fails, but not one whose body breaks off: here it does.
 * @param ask makes the request; what it throws is not tried again
 */
export async function readBody<Given extends Answer>(
  ask: () => Promise<Given>,
): Promise<{ answer: Given; bytes: Uint8Array }> {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask();
    if (answer.Body === undefined) throw new Error("S3 answered without an object.");
    try {
      return { answer, bytes: await answer.Body.transformToByteArray() };
    } catch (error) {
      if (attempt === attempts) throw error;
      await sleep(pauseInMilliseconds * 2 ** attempt * Math.random());
    }
  }
}
