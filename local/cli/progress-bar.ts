const width = 30;
const redrawInMilliseconds = 100;

/** One line on stderr that is drawn over; silent where stderr is no terminal. */
export class ProgressBar {
  readonly #startedAt = performance.now();
  readonly #isShown = process.stderr.isTTY === true;
  #drawnAt = 0;

  /** @param share of the work, 0 to 1 */
  update(share: number, rows: number): void {
    const now = performance.now();
    if (!this.#isShown || now - this.#drawnAt < redrawInMilliseconds) return;
    this.#drawnAt = now;
    const filled = Math.round(width * Math.min(share, 1));
    const seconds = (now - this.#startedAt) / 1000;
    const rate = Math.round(rows / seconds).toLocaleString("en-US");
    process.stderr.write(
      `\r[${"#".repeat(filled)}${".".repeat(width - filled)}] ${Math.round(Math.min(share, 1) * 100)} %  ${rows.toLocaleString("en-US")} rows  ${rate} rows/s \u001b[K`,
    );
  }

  /** Clears the line. */
  end(): void {
    if (this.#isShown && this.#drawnAt > 0) process.stderr.write("\r\u001b[K");
  }
}
