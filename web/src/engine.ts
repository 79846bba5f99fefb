// engine.ts - the core's calls as methods: one pack and one engine in one instance, items as numbers.
// No strings of the API, no policy: recommender.ts stands on it. Reading order: open, profile, requests.

import type { Limits, PackInfo } from './api.js';
import {
  FLAGS, INK_EVENT, INK_FAULT, INK_LIMITS, INK_PROFILE_REPORT, INK_REASON, INK_REQUEST, INK_SLATE, INK_SLATE_ITEM, INK_TEXT,
  NO_TIME, NONE, type EnginePtr, type Ptr,
} from './bindings.gen.js';
import type { Checked, Event } from './check.js';
import { InklingError, checkStatus, measured } from './errors.js';
import { NULL, type Memory, type Scratch, type Text } from './memory.js';
import { Pack } from './pack.js';

/** What a change did to the journal. */
export interface Report { readonly events: number; readonly known: number; readonly dropped: number; readonly firstSeq: number; readonly nextSeq: number }

export interface JournalEvent extends Event { readonly seq: number }

export interface RawReason { readonly kind: number; readonly item: number; readonly event: number; readonly weight: number }
export interface RawItem { readonly item: number; readonly score: number; readonly family: number; readonly reasons: readonly RawReason[] }
export interface RawSlate { readonly items: readonly RawItem[]; readonly complete: boolean; readonly rows: number }

/** What to ask: the best of all, the neighbours of one, an order of some, or one. */
export type Question =
  | { readonly ask: 'recommend' }
  | { readonly ask: 'similar'; readonly item: number }
  | { readonly ask: 'explain'; readonly item: number }
  | { readonly ask: 'rank'; readonly items: readonly number[] };

export class Engine {
  readonly pack: Pack;
  readonly info: PackInfo;
  readonly #memory: Memory;
  readonly #engine: EnginePtr;

  /** Stands on a pack's file that lies in memory already (Memory.incoming). */
  constructor(memory: Memory, file: Text, limits: Required<Limits>) {
    this.#memory = memory;
    this.pack = new Pack(memory, file);
    this.#engine = this.#open(limits);
    const models = Array.from({ length: memory.raw.engine_n_families(this.#engine) >>> 0 }, (_, i) => this.modelName(i));
    this.info = { ...this.pack.info, models };
  }

  #open(limits: Required<Limits>): EnginePtr {
    const { raw } = this.#memory, memory = this.#memory;
    const write = (s: Scratch): Ptr => {
      const p = s.take(INK_LIMITS.$bytes);
      memory.setU32(p, INK_LIMITS.struct_bytes, INK_LIMITS.$bytes);
      memory.setU32(p, INK_LIMITS.max_events, limits.events);
      memory.setU32(p, INK_LIMITS.max_count, limits.count);
      memory.setU32(p, INK_LIMITS.max_reasons, limits.reasons);
      return p;
    };
    const bytes = memory.withScratch((s) => {
      const given = write(s);
      return measured(memory, (out, fault) => raw.engine_measure(this.pack.ptr, given, out, fault));
    });
    const region = memory.region(bytes);
    return memory.withScratch((s) => {
      const given = write(s);
      return measured<EnginePtr>(memory, (out, fault) => raw.engine_open(this.pack.ptr, given, region, bytes, out, fault));
    });
  }

  /** Bytes of linear memory. */
  get bytes(): number { return this.#memory.size; }

  /** Which kernels compute: "wasm128" or "ref". */
  get kernels(): string { return this.#memory.cstr(this.#memory.raw.kernels_name()); }

  modelName(family: number): string { return this.#memory.cstr(this.#memory.raw.engine_family_name(this.#engine, family)); }

  /** A word or tag, as reasons of a family number them. */
  term(family: number, number: number): string {
    return this.#memory.withScratch((s) => {
      const out = s.take(INK_TEXT.$bytes);
      this.#memory.raw.engine_term(this.#engine, family, number, out);
      return this.#memory.text(out, 0);
    });
  }

  // ---------------------------------------------------------------- profile

  /** Appends one event. */
  track(event: Event): Report {
    const memory = this.#memory;
    return memory.withScratch((s) => {
      const p = s.take(INK_EVENT.$bytes), fault = s.take(INK_FAULT.$bytes);
      memory.setText(p, INK_EVENT.item, s.text(event.item));
      memory.setText(p, INK_EVENT.kind, s.text(event.kind));
      memory.setText(p, INK_EVENT.slate, s.text(event.slate));
      memory.setF32(p, INK_EVENT.value, event.value);
      memory.setI64(p, INK_EVENT.time, BigInt(event.time));
      return this.#report(s, (report) => memory.raw.track(this.#engine, p, NULL, report, fault), fault);
    });
  }

  #report(s: Scratch, call: (report: Ptr) => number, fault: Ptr = NULL): Report {
    const memory = this.#memory, p = s.take(INK_PROFILE_REPORT.$bytes);
    memory.setU32(p, INK_PROFILE_REPORT.struct_bytes, INK_PROFILE_REPORT.$bytes);
    checkStatus(this.#memory, call(p), fault);
    return {
      events: memory.u32(p, INK_PROFILE_REPORT.n_events),
      known: memory.u32(p, INK_PROFILE_REPORT.n_known),
      dropped: memory.u32(p, INK_PROFILE_REPORT.n_dropped),
      firstSeq: memory.i64(p, INK_PROFILE_REPORT.first_seq),
      nextSeq: memory.i64(p, INK_PROFILE_REPORT.next_seq),
    };
  }

  /** What the journal holds. */
  report(): Report {
    return this.#memory.withScratch((s) => this.#report(s, (p) => this.#memory.raw.profile_read(this.#engine, p)));
  }

  /** Every event, in the order of arrival. */
  events(): JournalEvent[] {
    const memory = this.#memory, n = this.report().events;
    return memory.withScratch((s) => {
      const p = s.take(INK_EVENT.$bytes), out: JournalEvent[] = [];
      for (let i = 0; i < n; i++) {
        checkStatus(this.#memory, memory.raw.profile_event(this.#engine, i, p));
        out.push({
          item: memory.text(p, INK_EVENT.item), kind: memory.text(p, INK_EVENT.kind), slate: memory.text(p, INK_EVENT.slate),
          value: memory.f32(p, INK_EVENT.value), time: memory.i64(p, INK_EVENT.time), seq: memory.i64(p, INK_EVENT.seq),
        });
      }
      return out;
    });
  }

  forgetItem(id: string): Report {
    return this.#memory.withScratch((s) => {
      const text = s.text(id);
      return this.#report(s, (p) => this.#memory.raw.profile_forget_item(this.#engine, text.ptr, text.bytes, p));
    });
  }

  forgetEvent(seq: number): Report {
    return this.#memory.withScratch((s) => this.#report(s, (p) => this.#memory.raw.profile_forget_event(this.#engine, BigInt(seq), p)));
  }

  /** Keeps events from `notBefore` on (null: all), and of these the newest `events` (0: all). */
  retain(notBefore: number | null, events: number): Report {
    const from = notBefore === null ? NO_TIME : BigInt(notBefore);
    return this.#memory.withScratch((s) => this.#report(s, (p) => this.#memory.raw.profile_retain(this.#engine, from, events, p)));
  }

  erase(): void { checkStatus(this.#memory, this.#memory.raw.profile_erase(this.#engine)); }

  /** A copy of the journal's bytes. */
  image(): Uint8Array {
    const memory = this.#memory;
    return memory.withScratch((s) => {
      const out = s.take(INK_TEXT.$bytes);
      checkStatus(this.#memory, memory.raw.profile_image(this.#engine, out));
      return memory.copy(memory.ptr(out, INK_TEXT.bytes), memory.u32(out, INK_TEXT.n));
    });
  }

  /** Replaces the journal by an image. */
  load(image: Uint8Array): Report {
    return this.#memory.withScratch((s) => {
      const bytes = s.bytes(image), fault = s.take(INK_FAULT.$bytes);
      return this.#report(s, (p) => this.#memory.raw.profile_load(this.#engine, bytes, image.length, p, fault), fault);
    });
  }

  // --------------------------------------------------------------- requests

  /** Asks; `allow` and `deny` are items (allow undefined: all). */
  ask(question: Question, request: Checked, allow: readonly number[] | undefined, deny: readonly number[]): RawSlate {
    const memory = this.#memory, { raw } = memory;
    return memory.withScratch((s) => {
      const asked = this.#request(s, request, allow, deny), slate = s.take(INK_SLATE.$bytes);
      memory.setU32(slate, INK_SLATE.struct_bytes, INK_SLATE.$bytes);
      checkStatus(this.#memory,
        question.ask === 'recommend' ? raw.recommend(this.#engine, asked, slate)
        : question.ask === 'similar' ? raw.similar(this.#engine, question.item, asked, slate)
        : question.ask === 'explain' ? raw.explain(this.#engine, question.item, asked, slate)
        : raw.rank(this.#engine, s.u32s(question.items), question.items.length, asked, slate));
      return this.#slate(slate);
    });
  }

  #request(s: Scratch, r: Checked, allow: readonly number[] | undefined, deny: readonly number[]): Ptr {
    const memory = this.#memory, p = s.take(INK_REQUEST.$bytes);
    const family = r.model === undefined ? NONE : memory.raw.engine_family(this.#engine, s.cstr(r.model)) >>> 0;
    if (r.model !== undefined && family === NONE) {
      throw new InklingError('UNKNOWN_FAMILY', `model is ${JSON.stringify(r.model)}; this pack has: ${this.info.models.join(', ')}`);
    }
    memory.setU32(p, INK_REQUEST.struct_bytes, INK_REQUEST.$bytes);
    memory.setU32(p, INK_REQUEST.count, r.count);
    memory.setI64(p, INK_REQUEST.now, BigInt(r.now));
    memory.setI64(p, INK_REQUEST.seed, BigInt.asIntN(64, r.seed));
    memory.setU32(p, INK_REQUEST.flags,
      (r.withSeen ? FLAGS.WITH_SEEN : 0) | (r.explain ? FLAGS.EXPLAIN : 0) | (r.explain === 'terms' ? FLAGS.BY_TERMS : 0) | (r.fallback ? 0 : FLAGS.NO_FALLBACK));
    memory.setU32(p, INK_REQUEST.family, family);
    memory.setU32(p, INK_REQUEST.max_reasons, r.reasons);
    memory.setU32(p, INK_REQUEST.budget_rows, r.rows);
    if (allow !== undefined) memory.setU32(p, INK_REQUEST.allow, s.u32s(allow.length > 0 ? allow : [NONE]));
    memory.setU32(p, INK_REQUEST.n_allow, allow?.length ?? 0);
    if (deny.length > 0) memory.setU32(p, INK_REQUEST.deny, s.u32s(deny));
    memory.setU32(p, INK_REQUEST.n_deny, deny.length);
    return p;
  }

  #slate(slate: Ptr): RawSlate {
    const memory = this.#memory;
    const n = memory.u32(slate, INK_SLATE.n_items), items: RawItem[] = [];
    const array = memory.ptr(slate, INK_SLATE.items), reasons = memory.ptr(slate, INK_SLATE.reasons);
    for (let i = 0; i < n; i++) {
      const p = memory.at(array, i, INK_SLATE_ITEM.$bytes);
      const first = memory.u32(p, INK_SLATE_ITEM.reasons_first);
      items.push({
        item: memory.u32(p, INK_SLATE_ITEM.item), score: memory.f32(p, INK_SLATE_ITEM.score), family: memory.u32(p, INK_SLATE_ITEM.family),
        reasons: Array.from({ length: memory.u32(p, INK_SLATE_ITEM.n_reasons) }, (_, k) => this.#reason(memory.at(reasons, first + k, INK_REASON.$bytes))),
      });
    }
    return { items, complete: memory.u32(slate, INK_SLATE.complete) !== 0, rows: memory.i64(slate, INK_SLATE.rows_done) };
  }

  #reason(p: Ptr): RawReason {
    const memory = this.#memory;
    return {
      kind: memory.u32(p, INK_REASON.kind), item: memory.u32(p, INK_REASON.item),
      event: memory.i64(p, INK_REASON.event), weight: memory.f64(p, INK_REASON.weight),
    };
  }
}
