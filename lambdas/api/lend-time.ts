/**
 * Lambda freezes a function as soon as it has answered. A look at the registry that a request set off would stand still until the next request,
 * its connection would break meanwhile, and a promotion would not be noticed. So the one request in half a minute that sets it off lends it a
 * moment after its own answer is made; while a newer version is being loaded, requests lend it a little more, all together.
 */
import type { Champions } from "../../core/registry/champions.ts";
import type { Handler } from "./handler.ts";

/** For conditional reads of a few small objects. */
const CHECK_IN_MILLISECONDS = 75;
/** For reading and verifying a package: once a promotion. */
const LOAD_IN_MILLISECONDS = 1_000;

/** `handler`, whose answers wait for the registry now and then, but never longer than the limits above. */
export function lendTime(
  champions: Pick<Champions, "refreshing" | "isLoading">,
  handler: Handler,
  now: () => number = () => performance.now(),
): Handler {
  let lentTo: Promise<void> | undefined;
  let lentUntil = 0;
  return async (event) => {
    const result = await handler(event);
    const { refreshing } = champions;
    if (refreshing === undefined) return result;
    const isNew = refreshing !== lentTo;
    if (isNew) {
      lentTo = refreshing;
      lentUntil = now() + LOAD_IN_MILLISECONDS;
    }
    if (isNew) await within(refreshing, CHECK_IN_MILLISECONDS);
    if (champions.refreshing === refreshing && champions.isLoading)
      await within(refreshing, lentUntil - now());
    return result;
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
