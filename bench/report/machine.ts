import { cpus, loadavg, totalmem, type } from 'node:os';

export interface Machine {
  processor: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  /** The load average of the minute before: about 0 on an idle machine. */
  loadBefore: number;
}

/** The machine of the run. Without names and paths: the figures are shown to others. */
export function describeMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: type(),
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  };
}
