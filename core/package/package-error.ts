/** Why a model package is refused: which file, where in it, and what is wrong. */
export class PackageError extends Error {
  override readonly name = "PackageError";
  readonly file: string;
  /** Without the file. */
  readonly problem: string;

  constructor(file: string, problem: string) {
    super(`The model package is refused: ${file}: ${problem}`);
    this.file = file;
    this.problem = problem;
  }
}
