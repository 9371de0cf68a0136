/**
 * One session in the player: what is known of it, where the cursor stands, and every way to move it.
 *
 * The one place where the cursor changes. Moving writes the address (small steps replace it, jumps push,
 * so that Back returns), asks for the moment, and keeps the chosen frame while it is on the stack.
 */
import { batch, effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Moment, SessionNews, StackFrame, Timeline } from '../api/types';
import type { Speed } from '../replay/clock';
import { NOWHERE, extend, isFollowing, seek, setFollow, step, type Cursor } from '../replay/cursor';
import type { Direction } from '../replay/jumps';
import type { PlayerPlace } from '../replay/place';
import { CallStore } from './calls';
import { CoverageStore } from './coverage';
import { EventStore } from './events';
import { FactStore } from './facts';
import { FamilyStore } from './family';
import { FindStore } from './find';
import { HistoryStore } from './history';
import { LineJumps } from './lines';
import { MomentStore } from './moments';
import { OutputStore } from './output';
import { Playback } from './playback';
import { PrintStore } from './prints';
import { SourceStore } from './sources';
import { Stepping } from './stepping';
import { endsHere, trackOf } from './track';
import { ViewStore } from './view';
import { WatchStore } from './watches';
import { WayStore } from './ways';
import type { PlayerWiring } from './wiring';

export const TABS = ['calls', 'events', 'errors', 'output', 'found'] as const;
export type Tab = (typeof TABS)[number];

export class PlayerStore {
  readonly id: string;
  readonly facts: FactStore;
  readonly family: FamilyStore;
  readonly session: FactStore['session'];
  readonly timeline: FactStore['timeline'];
  readonly running: FactStore['running'];
  readonly speed = signal<Speed>(1);
  readonly tab = signal<Tab>('events');
  readonly help = signal(false);
  /** The frame chosen by hand, null for the innermost one. */
  readonly chosen = signal<number | null>(null);
  readonly cursor: ReadonlySignal<Cursor>;
  readonly prints: PrintStore;
  readonly lines: LineJumps;
  readonly watches: WatchStore;
  readonly ways: WayStore;
  readonly calls: CallStore;
  readonly view: ViewStore;
  readonly events: EventStore;
  readonly moments: MomentStore;
  readonly output: OutputStore;
  readonly sources: SourceStore;
  readonly coverage: CoverageStore;
  readonly history: HistoryStore;
  readonly find: FindStore;
  readonly playback: Playback;
  readonly stepping: Stepping;
  readonly #cursor = signal<Cursor>(NOWHERE);
  readonly #place: PlayerPlace;
  readonly #wiring: PlayerWiring;
  readonly #stop: () => void;

  constructor(place: PlayerPlace, wiring: PlayerWiring) {
    const { api } = wiring;
    this.id = place.id;
    this.#place = place;
    this.#wiring = wiring;
    this.cursor = this.#cursor;
    this.facts = new FactStore(api, place.id);
    ({ session: this.session, timeline: this.timeline, running: this.running } = this.facts);
    this.family = new FamilyStore(api, this.session);
    this.view = new ViewStore(api, place.id, this.timeline, () => {
      this.#tell(false);
      this.prints.again();
      void this.history.read();
    });
    this.events = new EventStore(api, place.id, this.#cursor, this.view);
    this.output = new OutputStore(api, place.id, this.#cursor, this.view);
    this.moments = new MomentStore(api, place.id);
    this.sources = new SourceStore(api, place.id, this.moments.shown);
    this.coverage = new CoverageStore(api, place.id);
    this.history = new HistoryStore(api, place.id, this.view.focus);
    this.find = new FindStore(api, place.id, this.view.focus);
    this.ways = new WayStore(api, place.id);
    this.calls = new CallStore(api, place.id);
    this.lines = new LineJumps(api, place.id);
    this.prints = new PrintStore(api, place.id, this.view.focus);
    this.watches = new WatchStore(api, place.id, place.watches, () => {
      this.#tell(false);
    });
    this.stepping = new Stepping(this.events, this.#cursor, this.timeline);
    this.playback = new Playback(trackOf(this), wiring.pulse);
    this.timeline.subscribe(() => void this.history.read());
    this.#stop = effect(() => {
      this.#settle(this.moments.shown.value, this.timeline.value);
    });
    void this.#open(place);
  }

  /** The page is left: nothing of this session goes on. */
  close(): void {
    this.playback.pause();
    this.stepping.cancel();
    this.#stop();
    this.family.close();
  }

  /** Tries again what failed when the session was opened. */
  reopen(): void {
    void this.#open(this.#place);
  }

  /** Back or forward in the browser, within this session. */
  restore(place: PlayerPlace): void {
    this.speed.value = place.speed;
    this.watches.set(place.watches);
    this.view.restore(place.focus);
    this.halt();
    this.#move(seek(this.#cursor.value, place.n ?? this.#cursor.value.first), place.frame);
  }

  step(by: number): void {
    this.halt();
    this.#move(step(this.#cursor.value, by), this.chosen.value);
    this.#tell(false);
  }

  /** To event `n`; a place the reader may want to come back from. */
  jump(n: number): void {
    this.halt();
    this.#move(seek(this.#cursor.value, n), null);
    this.#tell(true);
  }

  /** To event `n` while the scrubber is held. */
  scrub(n: number): void {
    this.halt();
    this.#move(seek(this.#cursor.value, n), null);
    this.#tell(false);
  }

  /** Playing goes on by so many events. */
  advance(by: number): void {
    this.#move(step(this.#cursor.value, by), null);
    this.#tell(false);
  }

  start(): void {
    this.jump(this.view.focus.value?.first ?? this.#cursor.value.first);
  }

  end(): void {
    this.jump(this.view.focus.value?.last ?? this.#cursor.value.last);
  }

  async over(direction: Direction): Promise<void> {
    this.halt();
    this.#arrive(await this.stepping.over(direction));
  }

  async out(direction: Direction): Promise<void> {
    this.halt();
    this.#arrive(await this.stepping.out(direction));
  }

  async exception(direction: Direction): Promise<void> {
    this.halt();
    const n = await this.stepping.exception(direction);
    if (n !== null) this.jump(n);
  }

  toggle(): void {
    if (this.playback.playing.value) this.playback.pause();
    else this.play();
  }

  play(): void {
    this.stepping.cancel();
    if (endsHere(this) && !this.running.value) this.start();
    this.chosen.value = null;
    this.playback.play();
  }

  /** Whatever moves the cursor by itself stops. */
  halt(): void {
    this.playback.pause();
    this.stepping.cancel();
  }

  setSpeed(speed: Speed): void {
    this.speed.value = speed;
    this.#tell(false);
  }

  setFollow(follow: boolean): void {
    this.halt();
    this.#move(setFollow(this.#cursor.value, follow), this.chosen.value);
  }

  choose(frame: StackFrame): void {
    const innermost = this.moments.shown.value?.stack[0]?.frame;
    this.#move(this.#cursor.value, frame.frame === innermost ? null : frame.frame);
    this.#tell(false);
  }

  /** The server says that the session has grown, or ended. */
  news({ events, status }: SessionNews): void {
    const session = this.session.value;
    if (session === null || (session.events === events && session.status === status)) return;
    this.session.value = { ...session, events, status };
    this.#extend(session.first_event, events);
    this.facts.refreshTimeline();
    if (session.status !== status) void this.refresh();
  }

  /** Reads again what may have changed, after a pause in the connection. */
  async refresh(): Promise<void> {
    await this.#readSession();
    this.facts.refreshTimeline();
    void this.family.read();
    this.#move(this.#cursor.value, this.chosen.value);
  }

  async #open(place: PlayerPlace): Promise<void> {
    // All at once: the first view waits for one answer, not for one after the other.
    if (place.n !== null) {
      this.moments.want(place.n, place.frame);
      void this.events.expect(place.n);
    }
    await this.#readSession();
    const session = this.session.value;
    if (session === null) return;
    void this.family.read();
    this.facts.refreshTimeline();
    const { first_event: first, events: last } = session;
    const live = session.status === 'running' && place.n === null;
    const range = { n: live ? last : first, first, last, follow: place.n === null };
    this.speed.value = place.speed;
    this.view.restore(place.focus);
    this.#move(seek(range, place.n ?? range.n), place.frame);
  }

  async #readSession(): Promise<void> {
    const session = await this.facts.readSession();
    if (session !== null) this.#extend(session.first_event, session.events);
  }

  #extend(first: number, last: number): void {
    if (this.#cursor.value === NOWHERE) return;
    const grown = extend(this.#cursor.value, first, Math.max(last, this.#cursor.value.last));
    const moves = grown.n !== this.#cursor.value.n;
    if (moves) this.#move(grown, this.chosen.value);
    else this.#cursor.value = grown;
    if (moves) this.#tell(false);
  }

  #move(cursor: Cursor, frame: number | null): void {
    batch(() => {
      this.#cursor.value = cursor;
      this.chosen.value = frame;
    });
    if (cursor.n <= 0) return;
    this.view.follow(cursor.n);
    this.moments.want(cursor.n, frame);
  }

  #arrive(n: number | null): void {
    if (n === null) return;
    this.#move(seek(this.#cursor.value, n), null);
    this.#tell(false);
  }

  #tell(jump: boolean): void {
    const { id, chosen, speed } = this;
    const [{ n }, focus] = [this.#cursor.value, this.view.focus.value];
    const watches = this.watches.expressions.value;
    const shown = { frame: chosen.value, speed: speed.value, watches, focus };
    this.#wiring.moved({ page: 'player', id, n, ...shown }, jump);
  }

  /** A moment is on the page: a chosen frame that has left the stack is chosen no longer. */
  #settle(moment: Moment | null, timeline: Timeline): void {
    if (moment === null) return;
    void this.events.need(moment.n);
    this.watches.look(moment);
    const running = this.running.peek();
    // Whoever follows sees each call for an instant only.
    if (!running || !isFollowing(this.#cursor.peek()))
      void this.coverage.look(moment, timeline, running);
    const frame = this.chosen.peek();
    const left = !moment.stack.some((open) => open.frame === frame);
    if (frame !== null && left && moment.n === this.#cursor.peek().n) this.chosen.value = null;
  }
}
