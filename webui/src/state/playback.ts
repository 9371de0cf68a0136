/** Play and pause: moves the cursor by the clock, as far as moments are at hand, and reads ahead. */
import { signal } from '@preact/signals';
import { startClock, tick, type Clock, type Speed } from '../replay/clock';

export interface Track {
  readonly speed: () => Speed;
  /** Moments ahead that could be shown at once. */
  readonly ready: () => number;
  readonly readAhead: () => void;
  readonly advance: (steps: number) => void;
  /** Nothing more can come. */
  readonly ended: () => boolean;
}

/** Calls back once, soon, with the time in milliseconds. */
export type Pulse = (callback: (nowMs: number) => void) => void;

export class Playback {
  readonly playing = signal(false);
  readonly #track: Track;
  readonly #pulse: Pulse;
  #clock: Clock | null = null;
  #beating = false;

  constructor(track: Track, pulse: Pulse) {
    this.#track = track;
    this.#pulse = pulse;
  }

  play(): void {
    this.playing.value = true;
    this.#clock = null;
    this.#beat();
  }

  pause(): void {
    this.playing.value = false;
  }

  #beat(): void {
    if (this.#beating || !this.playing.value) return;
    this.#beating = true;
    this.#pulse((now) => {
      this.#beating = false;
      if (this.playing.value) this.#move(now);
      this.#beat();
    });
  }

  #move(now: number): void {
    const track = this.#track;
    const { clock, steps } = tick(
      this.#clock ?? startClock(now),
      now,
      track.speed(),
      track.ready(),
    );
    this.#clock = clock;
    if (steps > 0) track.advance(steps);
    if (track.ended()) this.pause();
    else track.readAhead();
  }
}
