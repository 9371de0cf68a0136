/** Numbers, times and sizes as a person reads them. Pure; the locale is fixed, so that figures line up. */

const integers = new Intl.NumberFormat('en');
const fixed = (digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const [ones, twos, threes] = [fixed(1), fixed(2), fixed(3)];

/** `12,408` */
export function count(value: number): string {
  return integers.format(value);
}

/** `12,408 events`, `1 event` */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`;
}

/** A duration in nanoseconds, in the unit that reads best: `840 ns`, `12.9 ms`, `5.21 s`, `3 min 20 s`. */
export function duration(ns: number): string {
  if (ns < 1e3) return `${count(Math.round(ns))} ns`;
  if (ns < 1e6) return `${ones.format(ns / 1e3)} µs`;
  if (ns < 1e9) return `${ones.format(ns / 1e6)} ms`;
  if (ns < 60e9) return `${twos.format(ns / 1e9)} s`;
  const seconds = Math.round(ns / 1e9);
  return `${count(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** A place in a session, in milliseconds with three digits: `61.907`. */
export function milliseconds(ns: number): string {
  return threes.format(ns / 1e6);
}

/** `1.2 GB`, by powers of a thousand. */
export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [size, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return unit === 0 ? `${count(value)} B` : `${ones.format(value)} ${units[unit] ?? ''}`;
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** When something began: the time of day, with the date before it where that is not today's. */
export function started(iso: string, now: Date): string {
  const moment = new Date(iso);
  const time = clock.format(moment);
  return moment.toDateString() === now.toDateString() ? time : `${day.format(moment)} ${time}`;
}

/** The length of a duration's bar, 0 to 1: logarithmic, from a tenth of a millisecond to a hundred seconds. */
export function logarithmic(ns: number): number {
  const decades = Math.log10(Math.max(ns, 1) / 1e5) / 6;
  return Math.min(1, Math.max(0.02, decades));
}

/** The last part of a qualified name, without the `<locals>` of its surroundings: `Cart.add`, `inner`. */
export function shortName(qualified: string): string {
  const locals = qualified.lastIndexOf(LOCALS);
  return locals < 0 ? qualified : qualified.slice(locals + LOCALS.length);
}

const LOCALS = '<locals>.';

/** A frame's name: its function's, or its module's for the code of a module itself. */
export function frameName(frame: { readonly function: string; readonly module: string }): string {
  return frame.function === '<module>' ? frame.module : shortName(frame.function);
}

/** A path as its folder (with the closing slash, or empty) and its file name. */
export function splitPath(path: string): { readonly folder: string; readonly file: string } {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
  return { folder: path.slice(0, cut), file: path.slice(cut) };
}

/** A folder without the part that is the program's own working directory. */
export function relativeTo(path: string, directory: string | null | undefined): string {
  if (!directory) return path;
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : path;
}
