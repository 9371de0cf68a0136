/** Source files as they were recorded, cut into coloured pieces once and kept while the session is open. */
import { signal, type Signal } from '@preact/signals';
import type { Api } from '../api/client';
import { highlight, type Piece } from '../replay/python';

export interface Source {
  readonly state: 'loading' | 'ready' | 'missing';
  readonly text: readonly string[];
  readonly lines: readonly (readonly Piece[])[];
}

const LOADING: Source = { state: 'loading', text: [], lines: [] };
const MISSING: Source = { state: 'missing', text: [], lines: [] };

export class SourceStore {
  readonly #api: Api;
  readonly #id: string;
  readonly #files = new Map<string, Signal<Source>>();

  constructor(api: Api, id: string) {
    this.#api = api;
    this.#id = id;
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
