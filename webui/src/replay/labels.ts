/**
 * An event as one line: what a row of the event list, a marker's hint and the page's title say.
 *
 * Words come from the recording and are shown as text; nothing here interprets them.
 */
import type { RecordedEvent } from '../api/types';
import { frameName } from './format';

type Label = (event: RecordedEvent) => string;

const LABELS: Readonly<Record<string, Label>> = {
  call: (e) => `${frameName(e)}${argumentsOf(e)}`,
  return: (e) => `${frameName(e)} → ${textOf(e)}`,
  yield: (e) => `${frameName(e)} yields ${textOf(e)}`,
  await: (e) => statement(e),
  resume: (e) => `${frameName(e)} resumes · ${textOf(e)}`,
  variable: (e) => `${nameOf(e)} = ${textOf(e)}`,
  attribute: (e) => `${ownerOf(e)}.${nameOf(e)} = ${textOf(e)}`,
  item: (e) => `${e.name ?? ownerOf(e)}[${keyOf(e.key)}] = ${textOf(e)}`,
  mutate: (e) => `${nameOf(e)}.${e.detail ?? ''}() → ${textOf(e)}`,
  delete: (e) => `del ${targetOf(e)}`,
  branch: (e) => `${e.detail ?? 'if'} ${e.name ?? statement(e)} → ${textOf(e)}`,
  loop: (e) => statement(e),
  value: (e) => `${nameOf(e)} → ${textOf(e)}`,
  line: (e) => statement(e),
  note: (e) => `note ${nameOf(e)}: ${textOf(e)}`,
  output: (e) => `${nameOf(e)}: ${textOf(e)}`,
  log: (e) => `${told(e, 'level')} ${told(e, 'message')}`,
  sql: (e) => told(e, 'statement'),
  http: (e) => `${told(e, 'method')} ${told(e, 'url')} → ${told(e, 'error') || told(e, 'status')}`,
  redis: (e) => told(e, 'command'),
  exception: (e) => exceptionText(e),
  handled: (e) => `handled · ${exceptionText(e)}`,
};

export function labelOf(event: RecordedEvent): string {
  const label = LABELS[event.kind];
  return label === undefined ? `${event.kind} ${textOf(event)}` : label(event);
}

/** `KeyError: 'x'`, from the exception's own type and message where they were recorded. */
export function exceptionText(event: RecordedEvent): string {
  const value = event.value as { readonly $type?: unknown; readonly message?: unknown } | null;
  const type = typeof value?.$type === 'string' ? value.$type : (event.name ?? 'exception');
  const short = type.slice(type.lastIndexOf('.') + 1);
  const message = value?.message;
  return typeof message === 'string' && message !== '' ? `${short}: ${message}` : short;
}

function argumentsOf(event: RecordedEvent): string {
  const text = textOf(event);
  if (text.startsWith('(')) return text;
  const names = event.value !== null && typeof event.value === 'object' ? event.value : {};
  return `(${Object.keys(names).join(', ')})`;
}

function textOf(event: RecordedEvent): string {
  return event.text ?? '';
}

/** A part of what the program said, where its event tells several. */
function told(event: RecordedEvent, part: string): string {
  const parts = whole(event.value) as Readonly<Record<string, unknown>> | null;
  const said = whole(parts?.[part]);
  return typeof said === 'string' || typeof said === 'number' ? String(said) : '';
}

/** What there is of a value that was cut. */
function whole(value: unknown): unknown {
  return value !== null && typeof value === 'object' && '$cut' in value && 'value' in value
    ? value.value
    : value;
}

function nameOf(event: RecordedEvent): string {
  return event.name ?? '?';
}

function ownerOf(event: RecordedEvent): string {
  const type = event.owner?.$type ?? '?';
  return type.slice(type.lastIndexOf('.') + 1);
}

function keyOf(key: unknown): string {
  return typeof key === 'string' ? `'${key}'` : JSON.stringify(key);
}

function targetOf(event: RecordedEvent): string {
  if (event.key !== undefined) return `${event.name ?? ownerOf(event)}[${keyOf(event.key)}]`;
  return event.owner === undefined ? nameOf(event) : `${ownerOf(event)}.${nameOf(event)}`;
}

function statement(event: RecordedEvent): string {
  const text = (event.line_text ?? event.detail ?? event.kind).trim();
  return text.endsWith(':') ? text.slice(0, -1) : text;
}
