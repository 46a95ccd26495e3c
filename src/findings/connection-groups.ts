/** Connections that show the same problem between the same parties: one finding, not forty lines. */
import type { Connection } from '../model/document.js';
import type { CitedConnection, FindingFilters } from '../model/finding.js';
import type { Draft } from './detector.js';
import { filterOf, filtersOf } from './connection-filters.js';

const MOST_CITED = 100;
const MOST_FILTERED = 10;

export class ConnectionGroup {
  /** The first one stands for all in sentences. */
  readonly first: Connection;
  count = 0;
  private readonly cited: CitedConnection[] = [];
  private readonly filters: FindingFilters[] = [];

  constructor(first: Connection) {
    this.first = first;
  }

  add(connection: Connection): void {
    this.count++;
    if (this.cited.length >= MOST_CITED) return;
    const { id, start, countedAt } = connection;
    this.cited.push({ id, time: start, vantagePoint: countedAt });
    if (this.filters.length >= MOST_FILTERED) return;
    const filter = filterOf(connection);
    if (filter !== null) this.filters.push(filter);
  }

  /** What every finding says of its connections. */
  citation(): Pick<Draft, 'connections' | 'connectionCount' | 'filters'> {
    return { connections: this.cited, connectionCount: this.count, filters: filtersOf(this.filters) };
  }
}

/** Groups by a key that the detector makes. */
export class ConnectionGroups<Key = string> {
  private readonly groups = new Map<Key, ConnectionGroup>();

  add(key: Key, connection: Connection): void {
    let group = this.groups.get(key);
    if (group === undefined) this.groups.set(key, (group = new ConnectionGroup(connection)));
    group.add(connection);
  }

  of(key: Key): ConnectionGroup | undefined {
    return this.groups.get(key);
  }

  all(): ConnectionGroup[] {
    return [...this.groups.values()];
  }
}
