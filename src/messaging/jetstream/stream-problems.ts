import {
  DiscardPolicy,
  PersistMode,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';

/** What a stream must be like. */
export interface StreamRules {
  /** How long its messages are kept, in milliseconds; 0 for ever. */
  maxAgeMs: number;
  /** On how many servers each message is stored, at least. */
  replicas: number;
}

/** Of the messages with one id within this time one is stored, in milliseconds. */
export const duplicateWindowMs = 120_000;

/** What in a stream's configuration breaks a promise of this service, in words; one line for each. */
export function streamProblems(config: StreamConfig, rules: StreamRules): string[] {
  const broken: [boolean, string][] = [
    [config.storage !== StorageType.File, 'keeps messages in memory: a restart of the server loses them'],
    [config.discard !== DiscardPolicy.New, 'drops its oldest messages when it is full (discard: old)'],
    [dropsBySubject(config), 'drops the oldest messages of a subject (max_msgs_per_subject)'],
    [config.retention !== RetentionPolicy.Limits, `deletes messages by retention: ${config.retention}`],
    [config.no_ack === true, 'acknowledges nothing (no_ack)'],
    [
      config.persist_mode === PersistMode.Async,
      'acknowledges messages before they are written (persist_mode: async)',
    ],
    [
      config.num_replicas < rules.replicas,
      `has ${config.num_replicas} replicas, JETSTREAM_REPLICAS is ${rules.replicas}`,
    ],
    [
      config.duplicate_window < nanos(duplicateWindowMs),
      'looks for duplicates for less than 2 minutes (duplicate_window)',
    ],
    [isTooShort(config.max_age, rules.maxAgeMs), `keeps messages for ${ageRule(rules.maxAgeMs)} (max_age)`],
  ];
  return broken.flatMap(([isBroken, problem]) => (isBroken ? [`stream ${config.name} ${problem}`] : []));
}

/** `discard: new` is about the stream as a whole: of a subject the oldest go all the same, unless that is asked for, too. */
function dropsBySubject(config: StreamConfig): boolean {
  return config.max_msgs_per_subject > 0 && config.discard_new_per_subject !== true;
}

interface RefusedStream {
  name: string;
  maxBytes: number;
  replicas: number;
  /** The server's own words. */
  reason: string;
}

/** That the servers do not let a stream be created, or given its subjects, in words. */
export function refusedStream({ name, maxBytes, replicas, reason }: RefusedStream): string {
  // A stream is created only while as many servers are there as are to have it, not the majority of them.
  const servers = replicas === 1 ? '1 server' : `${replicas} servers that all run`;
  const size = `${maxBytes / 1024 ** 3} GiB on ${servers}`;
  return `stream ${name} is refused (${reason}): give the servers room for ${size}, or create it with another size (docs/operations.md, "JetStream")`;
}

function isTooShort(maxAge: number, wantedMs: number): boolean {
  if (maxAge === 0) return false;
  return wantedMs === 0 || maxAge < nanos(wantedMs);
}

function ageRule(wantedMs: number): string {
  return wantedMs === 0
    ? 'a limited time: a new replica of the tickets is built from all of them'
    : `less than ${wantedMs / 86_400_000} days`;
}
