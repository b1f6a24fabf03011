/** A fault that lies with the service. Its message names keys, ids and numbers, nothing of what is in a file: it may be logged. */
export class DropFault extends Error {
  override readonly name = "DropFault";
}
