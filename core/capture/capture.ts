/**
 * Keeps predictions beside the answers, without ever failing an answer and without slowing it noticeably: one attempt on the stream, one on the
 * queue for what the stream did not take, both within fixed times; what neither takes is counted as lost.
 */
import { type Prediction, predictionLine } from "./prediction.ts";

/** The usual way: a delivery stream. */
export interface PredictionStream {
  /** Answers the indexes of the lines that were not taken. Rejects when none was, or when nobody knows. One call, no retry. */
  put(lines: readonly string[]): Promise<readonly number[]>;
}

/** The way round it: a queue that is drained later. */
export interface PredictionQueue {
  /** As `PredictionStream.put`. */
  send(lines: readonly string[]): Promise<readonly number[]>;
}

export interface CaptureTally {
  readonly captured: number;
  readonly queued: number;
  readonly lost: number;
}

/** What takes predictions. Never rejects. */
export interface PredictionSink {
  record(predictions: readonly Prediction[]): Promise<CaptureTally>;
}

/** Enough for a first connection; most calls take a tenth of it. */
const ATTEMPT_IN_MILLISECONDS = 75;
/** So many failures in a row, and the service is left alone for a while: of a dead one only a few answers in a thousand feel anything. */
const FAILURES_UNTIL_REST = 3;
const STREAM_REST_IN_MILLISECONDS = 10_000;
/** Short: nothing comes after the queue, and what it is not asked to take is lost. */
const QUEUE_REST_IN_MILLISECONDS = 1_000;

export interface CaptureOptions {
  readonly stream: PredictionStream;
  readonly queue: PredictionQueue;
  /** Told what became of every request's predictions. */
  readonly onTally: (tally: CaptureTally) => void;
  /** The current time in milliseconds. */
  readonly now?: () => number;
}

export class Capture implements PredictionSink {
  readonly #options: CaptureOptions;
  readonly #stream: Service;
  readonly #queue: Service;

  constructor(options: CaptureOptions) {
    const { stream, queue, now = () => performance.now() } = options;
    this.#options = options;
    this.#stream = new Service((lines) => stream.put(lines), STREAM_REST_IN_MILLISECONDS, now);
    this.#queue = new Service((lines) => queue.send(lines), QUEUE_REST_IN_MILLISECONDS, now);
  }

  async record(predictions: readonly Prediction[]): Promise<CaptureTally> {
    const lines = predictions.map(predictionLine);
    const left = await this.#stream.take(lines);
    const lost = left.length === 0 ? left : await this.#queue.take(left);
    const tally = {
      captured: lines.length - left.length,
      queued: left.length - lost.length,
      lost: lost.length,
    };
    this.#options.onTally(tally);
    return tally;
  }
}

type Attempt = (lines: readonly string[]) => Promise<readonly number[]>;

/** A service that may be slow or down: asked once a time, for a limited time, and not at all while it rests. */
class Service {
  readonly #attempt: Attempt;
  readonly #restInMilliseconds: number;
  readonly #now: () => number;
  #failures = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(attempt: Attempt, restInMilliseconds: number, now: () => number) {
    this.#attempt = attempt;
    this.#restInMilliseconds = restInMilliseconds;
    this.#now = now;
  }

  /** The lines that were not taken. Never rejects. */
  async take(lines: readonly string[]): Promise<readonly string[]> {
    if (lines.length === 0 || this.#now() < this.#restsUntil) return lines;
    const left = await this.#within(lines);
    // After a rest one attempt tells: the count is only cleared by a success.
    this.#failures = left === undefined ? this.#failures + 1 : 0;
    if (this.#failures >= FAILURES_UNTIL_REST) this.#restsUntil = this.#now() + this.#restInMilliseconds;
    return left ?? lines;
  }

  /**
   * Undefined when the attempt failed or took too long. It is not broken off then: a connection that takes its time to open is there for
   * the next attempt. A line that was taken too late is there twice, under one prediction id.
   */
  async #within(lines: readonly string[]): Promise<readonly string[] | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ATTEMPT_IN_MILLISECONDS);
    });
    const attempt = this.#attempt(lines).then(
      (indexes) => indexes.map((index) => lines[index] as string),
      () => undefined,
    );
    const left = await Promise.race([attempt, over]);
    clearTimeout(timer);
    return left;
  }
}
