/** Answers about frames, each asked for once and kept. */
import { signal } from '@preact/signals';

export class Answers<T> {
  readonly #known = signal<ReadonlyMap<number, T>>(new Map());
  readonly #asked = new Set<number>();

  /** What is known of a frame, null while or where nothing is. */
  of(frame: number): T | null {
    return this.#known.value.get(frame) ?? null;
  }

  /**
   * Asks, unless that was done. What failed is asked for again the next time, and so is what is `growing`:
   * its answer may change.
   */
  async look(
    frame: number,
    ask: () => Promise<T | null>,
    growing: (answer: T) => boolean = () => false,
  ): Promise<void> {
    if (this.#asked.has(frame)) return;
    this.#asked.add(frame);
    let again = false;
    try {
      const answer = await ask();
      if (answer === null) return;
      this.#known.value = new Map(this.#known.value).set(frame, answer);
      again = growing(answer);
    } catch {
      again = true;
    } finally {
      if (again) this.#asked.delete(frame);
    }
  }
}
