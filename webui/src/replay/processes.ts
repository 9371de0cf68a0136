/** Which process of a recording started which. */
import type { RecordedProcess } from '../api/types';

export interface ProcessRow {
  readonly process: RecordedProcess;
  readonly level: number;
}

/** Each process below the one that started it, where that one was recorded; in their order. */
export function processTree(processes: readonly RecordedProcess[]): ProcessRow[] {
  const rows: ProcessRow[] = [];
  const placed = new Set<RecordedProcess>();
  const walk = (process: RecordedProcess, level: number): void => {
    // The system gives numbers again: nothing may stand below itself.
    if (placed.has(process)) return;
    placed.add(process);
    rows.push({ process, level });
    for (const child of processes) if (child.parent === process.process) walk(child, level + 1);
  };
  const known = new Set(processes.map(({ process }) => process));
  for (const process of processes) {
    if (process.parent === null || !known.has(process.parent)) walk(process, 0);
  }
  for (const process of processes) walk(process, 0);
  return rows;
}
