/** Source files as they were recorded, cut into coloured pieces once and kept while the session is open. */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Api } from '../api/client';
import type { Moment } from '../api/types';
import { highlight, type Piece } from '../replay/python';
import { SeekStore } from './seek';

export interface Source {
  readonly state: 'loading' | 'ready' | 'missing';
  readonly text: readonly string[];
  readonly lines: readonly (readonly Piece[])[];
}

const LOADING: Source = { state: 'loading', text: [], lines: [] };
const MISSING: Source = { state: 'missing', text: [], lines: [] };

export class SourceStore {
  /** What is looked for in the source that is shown. */
  readonly seek: SeekStore;
  readonly #api: Api;
  readonly #id: string;
  readonly #files = new Map<string, Signal<Source>>();

  /** @param moment the one that is shown. */
  constructor(api: Api, id: string, moment: ReadonlySignal<Moment | null>) {
    this.#api = api;
    this.#id = id;
    const text = computed(() => {
      const file = moment.value?.source?.file;
      return file === undefined ? [] : this.of(file).value.text;
    });
    this.seek = new SeekStore(text);
  }

  of(file: string): Signal<Source> {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const source = signal(LOADING);
    this.#files.set(file, source);
    void this.#read(file, source);
    return source;
  }

  async #read(file: string, source: Signal<Source>): Promise<void> {
    try {
      const { lines: text } = await this.#api.source(this.#id, file);
      source.value = { state: 'ready', text, lines: highlight(text) };
    } catch {
      source.value = MISSING;
    }
  }
}
