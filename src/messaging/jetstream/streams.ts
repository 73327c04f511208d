import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { shareWhileRunning } from '../../platform/time/share-while-running.ts';
import { createProblemList } from './problem-list.ts';
import { duplicateWindowMs, refusedStream, streamProblems } from './stream-problems.ts';

/** A stream that the service creates for those of its subjects that no stream takes. */
export interface WantedStream {
  name: string;
  subjects: readonly string[];
  /** How long messages are kept, in milliseconds; 0 for ever. */
  maxAgeMs: number;
  /** The bound when it is created. An operator may change it. */
  maxBytes: number;
}

export interface StreamsDeps {
  manager: JetStreamManager;
  wanted: readonly WantedStream[];
  /** On how many servers each message is stored. */
  replicas: number;
  log: Logger;
}

export type Streams = ReturnType<typeof createStreams>;

/** Marks the streams that this service has created, and may add subjects to. */
const createdBy = { 'created-by': 'orders-service' };

/**
 * Keeps a stream for each subject. A subject that some stream takes is used there, whoever owns it. Streams of others are
 * never changed, and of its own only the subjects, which are added to.
 */
export function createStreams({ manager, wanted, replicas, log }: StreamsDeps) {
  const bySubject = new Map<string, string>();
  const { problems, replace } = createProblemList(log);

  /** The stream for the subjects of one wanted stream that none takes yet. Resolves with what it cannot do. */
  async function claim(stream: WantedStream, missing: string[]): Promise<string[]> {
    if (missing.length === 0) return [];
    try {
      return await createOrExtend(stream, missing);
    } catch (error) {
      if (!(error instanceof JetStreamApiError)) throw error;
      return [refusedStream({ ...stream, replicas, reason: error.message })];
    }
  }

  async function createOrExtend(stream: WantedStream, missing: string[]): Promise<string[]> {
    const present = await unlessMissing(manager.streams.info(stream.name));
    if (!present) {
      await manager.streams.add(toConfig(stream, missing));
      log.info({ stream: stream.name, subjects: missing }, 'stream created');
    } else if (isOwn(present)) {
      await manager.streams.update(stream.name, {
        subjects: [...new Set([...present.config.subjects, ...missing])],
      });
      log.info({ stream: stream.name, subjects: missing }, 'subjects added to the stream');
    } else return [`no stream takes ${missing.join(', ')}, and ${stream.name} is not this service's`];
    for (const subject of missing) bySubject.set(subject, stream.name);
    return [];
  }

  const toConfig = ({ name, maxAgeMs, maxBytes }: WantedStream, subjects: string[]) => ({
    name,
    subjects,
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_age: nanos(maxAgeMs),
    max_bytes: maxBytes,
    duplicate_window: nanos(duplicateWindowMs),
    num_replicas: replicas,
    allow_direct: true,
    metadata: createdBy,
  });

  async function checkWanted(stream: WantedStream): Promise<string[]> {
    const found = await Promise.all(
      stream.subjects.map(async (subject) => ({ subject, name: await streamOf(manager, subject) })),
    );
    for (const { subject, name } of found) {
      if (name === undefined) bySubject.delete(subject);
      else bySubject.set(subject, name);
    }
    const missing = found.flatMap(({ subject, name }) => (name === undefined ? [subject] : []));
    const claimed = await claim(stream, missing);
    const names = new Set(stream.subjects.flatMap((subject) => bySubject.get(subject) ?? []));
    const infos = await Promise.all([...names].map((name) => manager.streams.info(name)));
    const rules = { maxAgeMs: stream.maxAgeMs, replicas };
    return [...claimed, ...infos.flatMap(({ config }) => streamProblems(config, rules))];
  }

  /** Creates what is missing, and checks what is there. @throws when the broker does not respond, or refuses */
  const check = shareWhileRunning(async () => {
    replace((await Promise.all(wanted.map(checkWanted))).flat());
  });

  return {
    check,
    problems,
    /** The streams in use. */
    names: (): string[] => [...new Set(bySubject.values())],
    /** Resolves with the stream that takes the subject now. @throws when there is none and it cannot be created */
    async find(subject: string): Promise<string> {
      const present = await streamOf(manager, subject);
      if (present !== undefined) return present;
      await check();
      const created = bySubject.get(subject);
      if (created === undefined) throw new Error(`no stream takes ${subject}`);
      return created;
    },
  };
}

function isOwn({ config }: StreamInfo): boolean {
  return config.metadata?.['created-by'] === createdBy['created-by'];
}

async function streamOf(manager: JetStreamManager, subject: string): Promise<string | undefined> {
  const [name] = await manager.streams.names(subject).next();
  return name;
}

/** Resolves with undefined for what does not exist. */
export async function unlessMissing<Info>(request: Promise<Info>): Promise<Info | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return undefined;
    throw error;
  }
}
