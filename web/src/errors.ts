// errors.ts - the one error of the package, and the only place where a status becomes an exception.
// Codes are the core's names (bindings.gen.ts) and a few of the package's own (api.d.ts, ErrorCode).

import type { ErrorCode, Fault } from './api.js';
import { INK_FAULT, STATUS, type Ptr, type StatusName } from './bindings.gen.js';
import type { Memory } from './memory.js';

/** Everything that fails throws this. `code` is for programs, `message` is a sentence for people. */
export class InklingError extends Error {
  readonly code: ErrorCode;
  declare readonly fault?: Fault;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; fault?: Fault } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    if (options.fault) this.fault = options.fault;
  }

  override get name(): string { return 'InklingError'; }
}

const NAMES: ReadonlyMap<number, StatusName> = new Map(
  (Object.keys(STATUS) as StatusName[]).map((name) => [STATUS[name], name]));

/** The name of a status code; an unknown code is our own mistake and reads as ARG. */
export function statusName(status: number): StatusName {
  return NAMES.get(status) ?? 'ARG';
}

/** Throws unless `status` is OK. The sentence is the core's own; `fault` (may be absent) says where. */
export function checkStatus(memory: Memory, status: number, fault?: Ptr): void {
  if (status === STATUS.OK) return;
  const code = statusName(status);
  if (fault === undefined || memory.u32(fault, INK_FAULT.code) === STATUS.OK) {
    throw new InklingError(code, memory.cstr(memory.raw.status_text(status)));
  }
  const message = memory.withScratch((s) => {
    const room = 512, text = s.take(room);
    memory.raw.fault_text(fault, text, room);
    return memory.cstr(text);
  });
  const unit = memory.chars(fault, INK_FAULT.unit, 12);
  const name = memory.chars(fault, INK_FAULT.name, Math.min(96, memory.u32(fault, INK_FAULT.name_bytes)));
  throw new InklingError(code, message, { fault: { name, at: unit === '' ? -1 : memory.i64(fault, INK_FAULT.at), unit } });
}

/** Runs a call that gives one u32 and may refuse outside bytes. */
export function measured<T extends number = number>(memory: Memory, call: (out: Ptr, fault: Ptr) => number): T {
  return memory.withScratch((s) => {
    const out = s.take(4), fault = s.take(INK_FAULT.$bytes);
    checkStatus(memory, call(out, fault), fault);
    return memory.u32(out) as T;
  });
}

/** A refused argument: what was wrong, the value, what is allowed. */
export function refuse(what: string, got: unknown, allowed: string): InklingError {
  return new InklingError('ARG', `${what} is ${shown(got)}; allowed: ${allowed}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `${JSON.stringify(value.slice(0, 60))}...` : JSON.stringify(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? 'a function' : String(value);
  return `an object (${value.constructor?.name ?? 'Object'})`;
}

/** An InklingError as it is; anything else wrapped under `code`. */
export function wrap(error: unknown, code: ErrorCode, what: string): InklingError {
  if (error instanceof InklingError) return error;
  if (error instanceof DOMException && error.name === 'AbortError') return new InklingError('ABORTED', `${what} was aborted`, { cause: error });
  return new InklingError(code, `${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}
