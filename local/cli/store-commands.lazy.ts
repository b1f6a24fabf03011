/** The commands that may work on a bucket. They carry the SDK of AWS, which the others shall not wait for. */
export { batch } from "./commands/batch.ts";
export { models } from "./commands/models.ts";
export { register } from "./commands/register.ts";
export { rollback } from "./commands/rollback.ts";
