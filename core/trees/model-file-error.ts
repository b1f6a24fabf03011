/**
 * A model file that is damaged, hostile, or holds something that isn't supported. The message is one line, and tells what
 * is wrong and where: a JSON pointer and a byte, or a line and its key.
 */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
  readonly problem: string;
  readonly where: string;

  constructor(problem: string, where: string) {
    // What a file says of itself may hold anything.
    super(`${where}: ${problem}`.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?"));
    this.problem = problem;
    this.where = where;
  }
}
