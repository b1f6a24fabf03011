/**
 * When the scoring function looks at the registry. Lambda freezes an environment when nobody in it has anything left to do: a look that a request
 * had merely set off would stand still until the next request, its connection would break meanwhile, and a promotion would not be noticed.
 */
import type { Champions } from "../../core/registry/champions.ts";
import type { Handler } from "./handler.ts";

/** How long an environment is kept busy by one look at the registry, over all its calls: a registry that hangs must not take it from its callers. */
interface Limits {
  /** For conditional reads of a few small objects. */
  readonly checkInMilliseconds: number;
  /** With reading and verifying a package: once a promotion. */
  readonly loadInMilliseconds: number;
}

const AFTER_THE_ANSWER: Limits = { checkInMilliseconds: 2_000, loadInMilliseconds: 5_000 };
const BEFORE_THE_ANSWER: Limits = { checkInMilliseconds: 75, loadInMilliseconds: 1_000 };

/**
 * A look at the registry after an answer was given, when one is due. `deadline`, in milliseconds since 1970: what is not over then goes on beside
 * later answers.
 */
export function followAfterAnswers(
  champions: Pick<Champions, "lookIfDue" | "refreshing" | "isLoading">,
  now: () => number = Date.now,
): (deadline: number) => Promise<void> {
  const wait = waiting(champions, AFTER_THE_ANSWER, now);
  return (deadline) => {
    champions.lookIfDue();
    return wait(deadline);
  };
}

/** Where Lambda grants no time after an answer: the one request in half a minute that sets a look off waits a moment for it. */
export function followBeforeAnswers(
  champions: Pick<Champions, "refreshing" | "isLoading">,
  handler: Handler,
  now: () => number = Date.now,
): Handler {
  const wait = waiting(champions, BEFORE_THE_ANSWER, now);
  return async (event) => {
    const result = await handler(event);
    await wait(Number.POSITIVE_INFINITY);
    return result;
  };
}

/** Waits for the look that is under way, if one is, within the limits. */
function waiting(
  champions: Pick<Champions, "refreshing" | "isLoading">,
  { checkInMilliseconds, loadInMilliseconds }: Limits,
  now: () => number,
): (deadline: number) => Promise<void> {
  let waitedFor: Promise<void> | undefined;
  let since = 0;
  return async (deadline) => {
    const { refreshing } = champions;
    if (refreshing === undefined) return;
    if (refreshing !== waitedFor) {
      waitedFor = refreshing;
      since = now();
    }
    const waitUntil = (time: number) => within(refreshing, Math.min(time, deadline) - now());
    await waitUntil(since + checkInMilliseconds);
    if (champions.refreshing === refreshing && champions.isLoading)
      await waitUntil(since + loadInMilliseconds);
  };
}

/** Resolves with `work`, or when the time is over. */
async function within(work: Promise<void>, milliseconds: number): Promise<void> {
  if (milliseconds <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}
