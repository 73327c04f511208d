import mongoose, { type Connection } from 'mongoose';
import pino from 'pino';
import { ensureIndexes } from '../../src/platform/mongo/indexes.ts';
import { createLease } from '../../src/platform/mongo/lease-store.ts';
import { createRetrySchedule } from '../../src/platform/time/retry-schedule.ts';
import type { SkippedVersions, TicketEvent } from '../../src/tickets/domain/ticket.ts';
import { createGapStore, type GapStore } from '../../src/tickets/store/gap-store.ts';
import {
  parkedUpdateCollection,
  parkedUpdateModel,
  ticketCollection,
  ticketModel,
} from '../../src/tickets/store/ticket-model.ts';
import { createTicketStore } from '../../src/tickets/store/ticket-store.ts';
import {
  type CloseStaleGaps,
  type CloseStaleGapsDeps,
  createCloseStaleGaps,
} from '../../src/tickets/use-cases/close-stale-gaps.ts';
import { gapLeaseName } from '../../src/tickets/use-cases/gap-lease.ts';
import { replicateTicket } from '../../src/tickets/use-cases/replicate-ticket.ts';
import { openDatabase, testConfig, watchDatabase } from './running-service.ts';

export const gapTimeoutMs = 60_000;
/** For so long a process must have been subscribed before it closes gaps. */
export const steadyMs = 90_000;
export const longAgo = new Date('2029-01-01T00:00:00Z');

/** Gaps in a database of the test file's own, and processes that close them, by a clock that tests turn. */
class TicketGaps {
  database!: Connection;
  gaps!: GapStore;
  now = new Date('2030-01-01T00:00:00Z');
  logged: Record<string, unknown>[] = [];
  /** The closed gaps that were reported, with their tickets. */
  reported: [string, SkippedVersions][] = [];
  /** What the database was sent. */
  commands: Record<string, unknown>[] = [];

  readonly clock = () => this.now;
  readonly log = pino(
    { level: 'info' },
    { write: (line: string) => void this.logged.push(JSON.parse(line) as Record<string, unknown>) },
  );

  pass(milliseconds: number): void {
    this.now = new Date(this.now.getTime() + milliseconds);
  }

  /** A process of its own, which has made no pass yet. */
  newGapCloser(over: Partial<CloseStaleGapsDeps> = {}): CloseStaleGaps {
    return createCloseStaleGaps({
      gaps: this.gaps,
      lease: createLease(this.database, gapLeaseName),
      retries: createRetrySchedule({ kind: 'ticket gap', clock: this.clock, log: this.log }),
      subscribedSince: () => longAgo,
      clock: this.clock,
      log: this.log,
      gapTimeoutMs,
      onVersionsSkipped: (...gap) => void this.reported.push(gap),
      ...over,
    });
  }

  newProcess(over: Partial<CloseStaleGapsDeps> = {}): CloseStaleGaps['pass'] {
    return this.newGapCloser(over).pass;
  }

  /** A process that may close gaps: a missing version would have come to it by now. */
  async steadyProcess(over: Partial<CloseStaleGapsDeps> = {}): Promise<CloseStaleGaps['pass']> {
    const closeStaleGaps = this.newProcess(over);
    await closeStaleGaps();
    this.pass(steadyMs);
    return closeStaleGaps;
  }

  /** Handles a ticket's events in this order. */
  async receive(id: string, versions: number[]): Promise<void> {
    const tickets = createTicketStore(ticketModel(this.database), parkedUpdateModel(this.database));
    for (const version of versions)
      await replicateTicket({ tickets, clock: this.clock }, eventOf(id, version));
  }

  /** What receiving `ticket:created` writes first, and no more, as by a process that died then. */
  async createOnly(id: string): Promise<void> {
    await createTicketStore(ticketModel(this.database), parkedUpdateModel(this.database)).create(
      eventOf(id, 0),
    );
  }

  /** Tickets at version 0 behind which versions are parked, made at once. */
  async storeGaps(count: number, copy: Record<string, unknown> = {}, versions = [2]): Promise<string[]> {
    const ids = Array.from({ length: count }, () => new mongoose.Types.ObjectId());
    const ticket = { title: 'v0', price: 0, version: 0, ...copy };
    await this.database.collection('tickets').insertMany(ids.map((_id) => ({ _id, ...ticket })));
    const updates = versions.map((version) => ({
      title: `v${version}`,
      price: version,
      version,
      parkedAt: this.now,
    }));
    await parkedUpdateModel(this.database).collection.insertMany(
      ids.flatMap((ticketId) => updates.map((update) => ({ ticketId, ...update }))),
    );
    return ids.map(String);
  }

  copyOf(id: string) {
    return this.database.collection('tickets').findOne({ _id: new mongoose.Types.ObjectId(id) });
  }

  parkedVersions(id: string): Promise<number[]> {
    return parkedUpdateModel(this.database).distinct('version', { ticketId: id });
  }

  /** How many of these tickets are at a version. */
  countAt(version: number, ids: string[]): Promise<number> {
    const _id = { $in: ids.map((id) => new mongoose.Types.ObjectId(id)) };
    return this.database.collection('tickets').countDocuments({ _id, version });
  }

  warnings(): Record<string, unknown>[] {
    return this.logged.filter(({ level }) => level === 40);
  }
}

export function eventOf(id: string, version: number): TicketEvent {
  return { kind: version === 0 ? 'created' : 'updated', id, version, title: `v${version}`, price: version };
}

/** To be called once, by a test file, outside of its tests. */
export function useTicketGaps(): TicketGaps {
  const rig = new TicketGaps();
  beforeAll(async () => {
    const config = testConfig();
    await openDatabase(config);
    rig.database = await watchDatabase(config);
    rig.database
      .getClient()
      .on('commandStarted', ({ command }) => void rig.commands.push(command as Record<string, unknown>));
    await ensureIndexes([ticketCollection(rig.database), parkedUpdateCollection(rig.database)]);
    rig.gaps = createGapStore(ticketModel(rig.database), parkedUpdateModel(rig.database));
  });
  beforeEach(async () => {
    await parkedUpdateModel(rig.database).deleteMany({});
    await rig.database.collection('leases').deleteMany({});
    rig.logged = [];
    rig.reported = [];
    rig.commands = [];
  });
  return rig;
}
