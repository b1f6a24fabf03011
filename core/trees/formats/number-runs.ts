import { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";

/** Bytes of the file that are copied for the kernel at a time. */
const windowBytes = 1 << 15;
/** The kernel takes no longer number, so that one that is cut by the window's end is not taken for another. */
const longestNumber = 64;
const noNumbers = new Float64Array(0);

/**
 * Reads decimal numbers that stand one behind the other in a model file, many in a call of a kernel. It takes those that are written as usual and
 * have a separator behind them, and gives the same doubles as JavaScript; whoever asks reads the next one itself, and finds what is wrong.
 * Without WebAssembly it takes none.
 */
export class NumberRuns {
  /** Where the last run ended: at what comes behind its last separator. */
  end = 0;
  readonly #bytes: Uint8Array;
  readonly #separator: number;
  #memory: ModelMemory | undefined;
  #input = 0;
  #output = 0;
  #stop = 0;
  /** The bytes that are copied: from here to there. */
  #from = 0;
  #to = 0;

  /** `separator`: the character code of a comma, which may have white space around it, or of a space, of which there may be several. */
  constructor(bytes: Uint8Array, separator: "," | " ") {
    this.#bytes = bytes;
    this.#separator = separator.charCodeAt(0);
  }

  /** The numbers from a byte on; good until the next call. `whole`: only those without a point or an exponent. */
  read(at: number, whole = false): Float64Array {
    this.end = at;
    const memory = this.#memory ?? this.#prepared();
    if (memory.textKernels === undefined) return noNumbers;
    if (at < this.#from || at + longestNumber > this.#to) this.#copy(memory, at);
    const start = this.#input - this.#from;
    const output = this.#output;
    const count = memory.textKernels.readNumbers(
      start + at,
      start + this.#to,
      this.#separator,
      whole ? 1 : 0,
      output,
      this.#stop,
    );
    this.end = (memory.words[this.#stop >> 2] as number) - start;
    return count === 0 ? noNumbers : memory.doubles.subarray(output >> 3, (output >> 3) + count);
  }

  #prepared(): ModelMemory {
    const plan = new MemoryPlan(0);
    this.#input = plan.reserve(windowBytes);
    this.#output = plan.reserve((windowBytes / 2) * 8);
    this.#stop = plan.reserve(4);
    this.#memory = new ModelMemory(plan.size, true);
    return this.#memory;
  }

  #copy({ bytes }: ModelMemory, at: number): void {
    if (this.#to === this.#bytes.length && at >= this.#from) return;
    this.#from = at;
    this.#to = Math.min(at + windowBytes, this.#bytes.length);
    bytes.set(this.#bytes.subarray(this.#from, this.#to), this.#input);
  }
}
