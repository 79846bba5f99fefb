// listeners.ts - who wants to hear of what. A listener that throws disturbs nobody else: its error surfaces on its own.

import type { RecommenderEvents } from './api.js';
import { refuse } from './errors.js';

type Listener<K extends keyof RecommenderEvents> = (value: RecommenderEvents[K]) => void;
type Lists = { [K in keyof RecommenderEvents]: Set<Listener<K>> };

export class Listeners {
  readonly #lists: Lists = { storage: new Set(), profile: new Set() };

  /** Adds a listener; call what it gives to take it away. */
  on<K extends keyof RecommenderEvents>(event: K, listener: Listener<K>): () => void {
    const list: Set<Listener<K>> | undefined = Object.hasOwn(this.#lists, event) ? this.#lists[event] : undefined;
    if (list === undefined) throw refuse('event', event, Object.keys(this.#lists).join(', '));
    if (typeof listener !== 'function') throw refuse('listener', listener, 'a function');
    list.add(listener);
    return () => void list.delete(listener);
  }

  emit<K extends keyof RecommenderEvents>(event: K, value: RecommenderEvents[K]): void {
    for (const listener of [...this.#lists[event]]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => { throw error; });
      }
    }
  }
}
