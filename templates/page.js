/**
 * The script of the report page, and the one place where a connection becomes markup.
 *
 * The same file runs twice: podtrail imports it to write the first rows into the page, so that they are there without
 * JavaScript; the browser runs it to sort, filter, open, copy, and to write the rest. It makes no request and stores nothing.
 * Everything that came from packets, labels or names goes through `escapeHtml`; the page's data hold it already without
 * control characters. The layout of the data is described in src/report/html/page-data.ts.
 */
import { displayFilter, tcpdumpFilter } from './capture-filters.js';
import { MICROSECONDS, escapeHtml, formatBytes, formatCount, formatDuration } from './figures.js';
import { hopsHtml } from './hops.js';
import { pathDiagram } from './path-diagram.js';
import { endText, naming, pathsHtml } from './path.js';
import { policyHtml, verdictCell, verdictRank } from './policy.js';
import { againSentences, countSegments, lostOf, lostPacketsHtml, prepareSegments, readSegments } from './segments.js';
import { stateHtml, stateOf } from './states.js';

export { escapeHtml, formatBytes, formatCount, formatDuration } from './figures.js';
export { displayFilter, tcpdumpFilter } from './capture-filters.js';

const LAST_DATE_SECONDS = 8.64e12;
const ROWS_AT_FIRST = 50;
const ROWS_MORE = 200;
/** Rows of a group: the browser lays out only groups that are in sight (`content-visibility` in style.css). */
const ROWS_PER_GROUP = 100;
const ROWS_PER_FRAME = 500;
const COLUMNS = 7;
/** Kinds of owners that only their own link hears of. */
const LINK_KINDS = new Set(['multicast', 'broadcast', 'link-local', 'unspecified']);

/* ---- Time of day in the page's zone ---- */

function zoneOffset(zone, seconds) {
  let offset = zone.offsets[0][1];
  for (const [from, value] of zone.offsets) if (seconds >= from) offset = value;
  return offset;
}

/** `2026-11-23` and `14:02:09.118` of a moment in microseconds after the page's origin. */
export function dateAndTime(data, microseconds) {
  const total = data.start[1] + microseconds;
  const carried = Math.floor(total / MICROSECONDS);
  const seconds = data.start[0] + carried;
  const milliseconds = Math.floor((total - carried * MICROSECONDS) / 1000);
  if (!(Math.abs(seconds) < LAST_DATE_SECONDS - 86_400)) return ['', `@${seconds}`];
  const text = new Date((seconds + zoneOffset(data.zone, seconds)) * 1000).toISOString();
  const at = text.indexOf('T');
  return [text.slice(0, at), `${text.slice(at + 1, at + 9)}.${String(milliseconds).padStart(3, '0')}`];
}

/* ---- The data of the page ---- */

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Uint8Array(128);
for (let value = 0; value < DIGITS.length; value++) VALUES[DIGITS.charCodeAt(value)] = value;

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
/** See src/report/html/page-data.ts. */
const USUAL_HEADERS = 66;
const FIRST_DYNAMIC_PORT = 49_152;

/** The numbers of a packed column: base 64 VLQ as in source maps, five bits a digit, the sign in the lowest bit of all. */
export function unpackNumbers(text) {
  const numbers = [];
  let value = 0;
  let scale = 1;
  for (let at = 0; at < text.length; at++) {
    const digit = VALUES[text.charCodeAt(at)];
    value += (digit & 31) * scale;
    if (digit & 32) scale *= 32;
    else {
      numbers.push(value % 2 === 0 ? value / 2 : (1 - value) / 2);
      value = 0;
      scale = 1;
    }
  }
  return numbers;
}

/**
 * The parsed data made ready: names for the members of its rows, columns as numbers, absolute starts and ports, where each row's hops
 * begin.
 */
export function prepare(parsed) {
  const { length, texts, paths } = parsed;
  const columns = Object.fromEntries(Object.entries(parsed.columns).map(([name, text]) => [name, unpackNumbers(text)]));
  const starts = new Float64Array(length);
  const firstHop = new Int32Array(length + 1);
  const firstSegment = new Int32Array(length + 1);
  let start = 0;
  for (let row = 0; row < length; row++) {
    start += columns.start[row];
    columns.clientPort[row] += FIRST_DYNAMIC_PORT;
    starts[row] = start;
    const path = paths[columns.path[row]];
    firstHop[row + 1] = firstHop[row] + path.shapes.length;
    firstSegment[row + 1] = firstSegment[row] + countSegments(path);
  }
  const text = (index) => texts[index] ?? null;
  return {
    ...parsed,
    ids: readIds(parsed),
    owners: parsed.owners.map(([kind, namespace, name, workload, node, confidence, reason, uid, labels, candidates]) => ({
      kind: text(kind),
      namespace: text(namespace),
      name,
      workload: text(workload),
      node: text(node),
      confidence: text(confidence),
      reason: text(reason),
      uid,
      labels: text(labels),
      candidates: text(candidates),
    })),
    kinds: parsed.kinds.map(([protocol, reason, state, history, point, ...icmp]) => ({
      protocol: text(protocol),
      reason: text(reason),
      state: text(state),
      history: text(history),
      countedAt: parsed.points[point],
      icmp: icmp.length === 0 ? null : icmp,
      outcome: stateOf(text(protocol), text(state)),
    })),
    shapes: parsed.shapes.map(([point, encapsulation, vlans, clientTtl, serverTtl, nflog]) => ({
      point: parsed.points[point],
      node: text(parsed.nodes[point]),
      span: parsed.spans[point] ?? null,
      isMixed: parsed.mixed.includes(point),
      encapsulation: text(encapsulation),
      vlans,
      clientTtl,
      serverTtl,
      nflog,
    })),
    columns,
    starts,
    firstHop,
    resent: sparse(columns.resent, 3),
    otherHops: sparse(columns.otherHops, 6),
    dialedAt: sparse(columns.dialed, 2),
    seenAs: seenTuples(columns.seenAs, text),
    segments: prepareSegments(columns, firstSegment),
    policies: parsed.policies.map(([verdict, outcome, ...sentences]) => ({
      ...{ verdict: text(verdict), outcome: text(outcome), sentences: sentences.map(text) },
    })),
    notes: notesByRow(columns.notes, text),
  };
}

/** By row, what its hops saw as client and server beside the connection's own ends. */
function seenTuples(numbers, text) {
  const tuples = new Map();
  let row = 0;
  for (let at = 0; at < numbers.length; at += 5) {
    row += numbers[at];
    const [client, clientPort, server, serverPort] = numbers.slice(at + 1, at + 5);
    if (!tuples.has(row)) tuples.set(row, []);
    tuples.get(row).push({ client: hopEnd(text(client), clientPort), server: hopEnd(text(server), serverPort) });
  }
  return tuples;
}

function notesByRow(numbers, text) {
  const notes = new Map();
  for (let at = 0, row = 0; at < numbers.length; at += 2) {
    row += numbers[at];
    notes.set(row, [...(notes.get(row) ?? []), text(numbers[at + 1])]);
  }
  return notes;
}

const policyAt = (data, row) => data.policies[(data.columns.policy[row] ?? 0) - 1] ?? null;

const hopEnd = (address, port) => ({ address, port: port < 0 ? null : port });

/** Members of a list with gaps, by their place: of `size` numbers each, of which the first is the distance from the one before. */
function sparse(numbers, size) {
  const members = new Map();
  let place = 0;
  for (let at = 0; at < numbers.length; at += size) {
    place += numbers[at];
    members.set(place, numbers.slice(at + 1, at + size));
  }
  return members;
}

/** The hexadecimal digits of all ids. */
function readIds({ ids, idDigits, length }) {
  if (idDigits === 0) return ids.split(' ');
  const bytes = atob(ids);
  let digits = '';
  for (let at = 0; at < bytes.length; at++) digits += HEX[bytes.charCodeAt(at)];
  return Array.from({ length }, (_, row) => digits.slice(row * idDigits, (row + 1) * idDigits));
}

function counters(columns, prefix, row, again) {
  const packets = columns[prefix + 'Packets'][row];
  const payload = columns[prefix + 'Payload'][row];
  return { packets, wire: wireBytes(columns, prefix, row), payload, unique: payload - again };
}

function wireBytes(columns, prefix, row) {
  return (
    columns[prefix + 'Payload'][row] + USUAL_HEADERS * columns[prefix + 'Packets'][row] + columns[prefix + 'Headers'][row]
  );
}

function endpoint(data, index, port) {
  const [address, owner] = data.endpoints[index];
  return { address, port: port < 0 ? null : port, owner: data.owners[owner] };
}

/** One connection as an object; times in microseconds, counters in packets and bytes. */
export function readRow(data, row) {
  const { columns } = data;
  const [sentAgain, receivedAgain] = data.resent.get(row) ?? [0, 0];
  const connection = {
    id: 'c-' + data.ids[row],
    ...data.kinds[columns.kind[row]],
    client: endpoint(data, columns.client[row], columns.clientPort[row]),
    server: endpoint(data, columns.server[row], columns.serverPort[row]),
    start: data.starts[row],
    duration: columns.duration[row],
    sent: counters(columns, 'sent', row, sentAgain),
    received: counters(columns, 'received', row, receivedAgain),
    rtt: columns.rtt[row] - 1,
    ...readDialed(data, row),
    policy: policyAt(data, row),
    isJudged: data.policies.length > 0,
    notes: data.notes.get(row) ?? [],
  };
  const path = data.paths[columns.path[row]];
  const { shapes, ends, there = shapes.length, back } = path;
  const { client, dialed } = connection;
  const tuples = [connection, { client, server: dialed }, ...(data.seenAs.get(row) ?? [])];
  connection.hops = shapes.map((shape, index) => {
    const { client, server } = tuples[ends?.[index] ?? 0];
    return { ...readHop(data, connection, data.shapes[shape], data.firstHop[row] + index), client, server };
  });
  connection.there = connection.hops.slice(0, there);
  connection.back = back?.map((index) => connection.hops[index]) ?? [...connection.there].reverse();
  return Object.assign(connection, readSegments(data.segments, row, path, connection.hops));
}

/** What the client asked for, the Service by that, and the translations; null and empty where there was none. */
function readDialed(data, row) {
  const [address = -1, port = -1, service = -1, servicePort = -1, nat = -1, known = -1] =
    data.dialed[data.dialedAt.get(row)?.[0]] ?? [];
  const text = (index) => data.texts[index] ?? null;
  return {
    dialed: address < 0 ? null : hopEnd(text(address), port),
    service: text(service),
    servicePort: text(servicePort),
    nat: text(nat) ?? '',
    known: text(known) ?? '',
  };
}

function readHop(data, connection, shape, at) {
  const other = data.otherHops.get(at);
  const [state, morePackets, morePayload, moreBack, morePayloadBack] = other ?? [-1, 0, 0, 0, 0];
  const { sent, received } = connection;
  return {
    ...shape,
    start: data.columns.hopStart[at],
    rtt: connection.rtt + data.columns.hopRtt[at],
    state: data.texts[state] ?? connection.state,
    sent: { packets: sent.packets + morePackets, payload: sent.payload + morePayload },
    received: { packets: received.packets + moreBack, payload: received.payload + morePayloadBack },
  };
}

/* ---- Markup ---- */

const SHORT_NAME = 14;
const LONGEST_TAIL = 7;
/** Room for the sign of a doubtful owner, in characters. */
const SIGN_ROOM = 3;

/** A name in two: its end, which tells replicas apart, always stays, what is before it may give way. */
function splitName(name) {
  const characters = Array.from(name);
  if (characters.length <= SHORT_NAME) return [name, ''];
  const dash = characters.lastIndexOf('-');
  const tail = dash > 0 && characters.length - dash <= LONGEST_TAIL ? characters.length - dash : LONGEST_TAIL - 1;
  return [characters.slice(0, -tail).join(''), characters.slice(-tail).join('')];
}

function doubtHtml(owner) {
  if (owner.confidence === 'observed') return '';
  const why = escapeHtml(`${owner.confidence}: ${owner.reason}`);
  return `<span class="why" tabindex="0" role="note" aria-label="${why}">?</span>`;
}

/** A client's port means little and stands with its address, a server's says what it is. */
function endpointHtml(end, isServer) {
  const { scope, name, below, note } = naming(end);
  const [head, tail] = splitName(name);
  const port = end.port === null ? '' : `:${end.port}`;
  const beside = isServer || below === '' ? port : '';
  const doubt = doubtHtml(end.owner);
  const kept = Array.from(tail).length + beside.length + (doubt === '' ? 0 : SIGN_ROOM);
  const second = [below === '' || beside !== '' ? below : below + port, note].filter(Boolean).join(' · ');
  return (
    `<span class="name${doubt === '' ? '' : ' doubtful'}" title="${escapeHtml(scope + name)}" style="--kept:${kept}">` +
    `<span class="head">${scope === '' ? '' : `<i>${escapeHtml(scope)}</i>`}${escapeHtml(head)}</span>${escapeHtml(tail)}` +
    `${beside === '' ? '' : `<i>${beside}</i>`}${doubt}</span><small>${escapeHtml(second)}</small>`
  );
}

/** `+3.021 s` after the beginning of the captures. */
function relativeTime(microseconds) {
  return `${microseconds < 0 ? '−' : '+'}${(Math.abs(microseconds) / MICROSECONDS).toFixed(3)} s`;
}

/** The Service that was translated to the server, in a line of its own. */
function viaHtml({ dialed, service }) {
  return dialed === null || service === null ? '' : `<small class="via">via Service ${escapeHtml(service)}</small>`;
}

/** The table row of a connection. */
export function rowHtml(data, connection) {
  const [date, time] = dateAndTime(data, connection.start);
  const day = data.manyDays && date !== '' ? `<i>${date.slice(5)}</i> ` : '';
  const hops = connection.hops.length === 1 ? '1 hop' : `${connection.hops.length} hops`;
  const lost = lostOf(connection);
  return (
    `<tr class="row" id="${connection.id}">` +
    `<td class="start"><a href="#${connection.id}">${day}${time}</a><small>${relativeTime(connection.start)}</small></td>` +
    `<td class="client">${endpointHtml(connection.client, false)}</td>` +
    `<td class="server">${endpointHtml(connection.server, true)}${viaHtml(connection)}</td>` +
    `<td class="outcome">${stateHtml(connection.protocol, connection.state)}<small>${escapeHtml(connection.protocol)} · ${hops}${lost > 0 ? ` · <b class="lost">${formatCount(lost)} lost</b>` : ''}</small></td>` +
    verdictCell(connection) +
    `<td class="n duration">${formatDuration(connection.duration)}</td>` +
    `<td class="n sent">${formatBytes(connection.sent.wire)}</td>` +
    `<td class="n received">${formatBytes(connection.received.wire)}</td></tr>`
  );
}

function ownerHtml(label, end) {
  const { kind, workload, node, confidence, reason, uid, labels, candidates } = end.owner;
  const { scope, name } = naming(end);
  const facts = [
    end.port === null ? end.address : `${end.address} port ${end.port}`,
    workload,
    node === null || kind === 'node' ? '' : `on ${node}`,
    uid === '' ? '' : `UID ${uid}`,
    labels,
    candidates === '' ? '' : `could be ${candidates}`,
  ];
  const doubt = confidence === 'observed' ? '' : `<em>${escapeHtml(`${confidence}: ${reason}`)}</em>`;
  return `<dt>${label}<dd><b>${escapeHtml(`${kind} ${scope}${name}`)}</b>${doubt}<span>${escapeHtml(facts.filter(Boolean).join(' · '))}</span>`;
}

function dialedHtml({ dialed, service, servicePort, nat, known }) {
  const asked = [
    dialed === null ? '' : endText(dialed),
    service === null ? '' : `Service ${service}${servicePort === null ? '' : `, port ${servicePort}`}`,
    nat,
    known,
  ].filter(Boolean);
  return asked.length === 0 ? '' : `<dt>${dialed === null ? 'Translated' : 'Dialed'}<dd>${escapeHtml(asked.join(' · '))}`;
}

/** What else it could be, and what is left over of the past. */
function doubtsHtml({ notes }) {
  return notes.length === 0 ? '' : `<dt>In doubt<dd>${notes.map(escapeHtml).join(' ')}`;
}

const CLIENT_REASONS = {
  SYN: '', // the state says it
  'SYN-ACK': 'The client was sent the SYN-ACK.',
  INIT: 'The client sent the INIT.',
  'ICMP request': 'The client sent the request.',
  DNS: 'The client asked, the server answered DNS.',
  'well-known port': 'The server is the one with the well-known port.',
  'declared port': 'The server is the one whose port is declared in the cluster.',
  'lower port': 'The server is taken to be the one with the lower port.',
  'first packet': 'The client is taken to be the one that sent the first packet.',
};

function connectionFacts(connection) {
  const [, , , sentence] = connection.outcome;
  const again = [connection.sent, connection.received].map(({ payload, unique }) => payload - unique);
  const facts = [
    sentence,
    connection.rtt >= 0 && `Handshake round trip ${formatDuration(connection.rtt)}.`,
    again[0] + again[1] > 0 && `Payload sent again: ${formatBytes(again[0])} → / ${formatBytes(again[1])} ←.`,
    ...againSentences(connection.again),
    connection.icmp && `ICMP type ${connection.icmp[0]}, code ${connection.icmp[1]}.`,
    CLIENT_REASONS[connection.reason] ?? connection.reason,
    `Counted at ${connection.countedAt}.`,
  ];
  return facts.filter(Boolean).map(escapeHtml).join(' ');
}

function filterHtml(label, text) {
  return `<p class="filter"><span>${label}</span><code>${escapeHtml(text)}</code><button type="button">Copy</button></p>`;
}

/** The row below, which opens; with the path as a drawing or only in words. */
export function detailHtml(connection, isDrawn = true) {
  const bare = connection.hops.filter((hop) => hop.encapsulation === '').length;
  const codes = `<code>${escapeHtml(`${connection.state} ${connection.history}`)}</code>`;
  return (
    `<tr class="more"><td colspan="${COLUMNS + (connection.isJudged ? 1 : 0)}"><dl>${ownerHtml('Client', connection.client)}${dialedHtml(connection)}${ownerHtml('Server', connection.server)}` +
    `<dt>State<dd>${connectionFacts(connection)} ${codes}${policyHtml(connection)}${doubtsHtml(connection)}${isDrawn ? '' : pathsHtml(connection, false)}</dl>` +
    (isDrawn ? pathsHtml(connection, true) + pathDiagram(connection) : '') +
    hopsHtml(connection) +
    lostPacketsHtml(connection, relativeTime) +
    (bare === 0
      ? ''
      : filterHtml(
          bare < connection.hops.length ? 'tcpdump<small>outside tunnels</small>' : 'tcpdump',
          tcpdumpFilter(connection),
        )) +
    filterHtml('Wireshark', displayFilter(connection)) +
    `</td></tr>`
  );
}

/* ---- In the browser ---- */

const SORT_KEYS = {
  start: (data) => data.starts,
  client: (data) => sortTexts(data, data.columns.client, data.columns.clientPort),
  server: (data) => sortTexts(data, data.columns.server, data.columns.serverPort),
  outcome: (data) => everyRow(data, (row) => kindAt(data, row).outcome.slice(0, 3).join(' ')),
  policy: (data) => everyRow(data, (row) => verdictRank(policyAt(data, row))),
  duration: (data) => data.columns.duration,
  sent: (data) => everyRow(data, (row) => wireBytes(data.columns, 'sent', row)),
  received: (data) => everyRow(data, (row) => wireBytes(data.columns, 'received', row)),
};

const everyRow = (data, value) => Array.from({ length: data.length }, (_, row) => value(row));
const kindAt = (data, row) => data.kinds[data.columns.kind[row]];

/** Neighbour discovery, multicast and the like: every interface is full of it, and it is seldom what is looked for. */
export function isLinkTraffic(data, row) {
  const { columns } = data;
  const { protocol } = kindAt(data, row);
  if (protocol === 'TCP' || protocol === 'SCTP') return false;
  return [columns.client[row], columns.server[row]].some((end) => LINK_KINDS.has(data.owners[data.endpoints[end][1]].kind));
}

function endpointText(data, index) {
  const [address, owner] = data.endpoints[index];
  const { namespace, name, workload } = data.owners[owner];
  return [name === null ? '' : `${namespace === null ? '' : namespace + '/'}${name}`, address, workload ?? ''];
}

function sortTexts(data, endpoints, ports) {
  const texts = data.endpoints.map((_, index) => endpointText(data, index).filter(Boolean).join(' '));
  return everyRow(data, (row) => `${texts[endpoints[row]]} ${String(ports[row] + 1).padStart(5, '0')}`);
}

/** Row numbers in the order of a column; equal rows stay in the order of the data. */
export function sortedRows(data, column, descending) {
  const keys = SORT_KEYS[column](data);
  const order = Array.from({ length: data.length }, (_, row) => row);
  const sign = descending ? -1 : 1;
  return order.sort((a, b) => (keys[a] < keys[b] ? -sign : keys[a] > keys[b] ? sign : a - b));
}

/** What the text filter looks into, in lower case: one string per connection. */
function searchTexts(data) {
  const dialedText = (row) => {
    const { dialed, service } = readDialed(data, row);
    return [dialed && endText(dialed), dialed && service && `via service ${service}`].filter(Boolean).join(' ');
  };
  const ends = data.endpoints.map((_, index) => endpointText(data, index));
  const withPort = ([name, address, workload], port) =>
    port < 0 ? `${name} ${address} ${workload}` : `${name}:${port} ${address}:${port} ${workload}`;
  const { columns } = data;
  return everyRow(data, (row) =>
    [
      withPort(ends[columns.client[row]], columns.clientPort[row]),
      withPort(ends[columns.server[row]], columns.serverPort[row]),
      dialedText(row),
      kindAt(data, row).protocol,
      kindAt(data, row).state,
      kindAt(data, row).outcome[2],
      policyAt(data, row)?.outcome ?? '',
      'c-' + data.ids[row],
    ]
      .join('  ')
      .toLowerCase(),
  );
}

/**
 * Tells whether a row passes { text, namespace, protocol, state, policy }; empty members let everything pass. `link`: 'hidden' leaves
 * out what stays on its link, unless something else is asked for.
 */
export function rowFilter(data, { text, namespace, protocol, state, policy = '', link = '' }) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = words.length === 0 ? [] : (data.searchTexts ??= searchTexts(data));
  const namespaceOf = (index) => data.owners[data.endpoints[index][1]].namespace;
  const { columns } = data;
  const hidesLink = link === 'hidden' && text === '' && namespace === '' && protocol === '' && state === '' && policy === '';
  return (row) =>
    !(hidesLink && isLinkTraffic(data, row)) &&
    (namespace === '' ||
      namespaceOf(columns.client[row]) === namespace ||
      namespaceOf(columns.server[row]) === namespace) &&
    (protocol === '' || kindAt(data, row).protocol === protocol) &&
    (state === '' || kindAt(data, row).outcome[0] === state) &&
    (policy === '' || policyAt(data, row)?.verdict === policy || policyAt(data, row)?.outcome === policy) &&
    words.every((word) => texts[row].includes(word));
}

function startTable(section) {
  const data = prepare(JSON.parse(document.getElementById('data').textContent));
  const table = section.querySelector('table.connections');
  const status = section.querySelector('[role=status]');
  const more = section.querySelector('.load');
  const controls = {
    text: section.querySelector('#filter-text'),
    namespace: section.querySelector('#filter-namespace'),
    protocol: section.querySelector('#filter-protocol'),
    state: section.querySelector('#filter-state'),
    policy: section.querySelector('#filter-policy'),
  };
  if (controls.policy === null) delete controls.policy;
  const link = section.querySelector('#filter-link');
  const printed = section.querySelector('.printed');
  const view = { column: 'start', descending: false, order: null, rows: [], shown: 0 };

  // What a row opens to is made when it is opened: ten thousand of them would be half a million elements.
  const groupHtml = (rows) =>
    `<tbody style="--rows:${rows.length}">` +
    rows
      .map((row) => rowHtml(data, readRow(data, row)))
      .join('')
      .replaceAll('<td class="start"><a ', '<td class="start"><a aria-expanded="false" ') +
    '</tbody>';
  const renderTo = (count) => {
    const rows = view.rows.slice(view.shown, count);
    let markup = '';
    for (let at = 0; at < rows.length; at += ROWS_PER_GROUP) markup += groupHtml(rows.slice(at, at + ROWS_PER_GROUP));
    table.insertAdjacentHTML('beforeend', markup);
    view.shown += rows.length;
    const left = view.rows.length - view.shown;
    more.hidden = left === 0;
    more.querySelector('.some').textContent = `Show ${formatCount(Math.min(ROWS_MORE, left))} more`;
    more.querySelector('.all').textContent = `Show all ${formatCount(view.rows.length)}`;
    more.querySelector('.all').hidden = left <= ROWS_MORE;
    printed.textContent = view.shown === data.length ? '' : `${formatCount(view.shown)} of ${formatCount(data.length)} connections.`;
  };
  const renderAll = () => {
    if (view.shown >= view.rows.length) return;
    renderTo(view.shown + ROWS_PER_FRAME);
    requestAnimationFrame(renderAll);
  };
  const update = () => {
    view.order ??= sortedRows(data, view.column, view.descending);
    const values = Object.fromEntries(Object.entries(controls).map(([name, control]) => [name, control.value]));
    view.rows = view.order.filter(rowFilter(data, { ...values, link: link === null || link.checked ? '' : 'hidden' }));
    view.shown = 0;
    for (const group of [...table.tBodies]) group.remove();
    renderTo(ROWS_AT_FIRST);
    const all = formatCount(data.length);
    status.textContent =
      view.rows.length === data.length
        ? `${all} connections`
        : `${formatCount(view.rows.length)} of ${all} connections`;
    section.querySelector('.none').hidden = view.rows.length > 0;
    section.querySelector('.clear').hidden = Object.values(values).every((value) => value === '');
  };
  const filterBy = (values) => {
    for (const [name, control] of Object.entries(controls)) control.value = values[name] ?? '';
    update();
  };
  const open = (row, wanted) => {
    if (wanted && row.nextElementSibling?.className !== 'more') {
      row.insertAdjacentHTML('afterend', detailHtml(readRow(data, data.ids.indexOf(row.id.slice(2)))));
    }
    row.classList.toggle('open', wanted);
    row.classList.toggle('shut', !wanted);
    row.querySelector('.start a').setAttribute('aria-expanded', String(wanted));
  };
  /** Shows the connection that the address names: in its place, or alone where that is far down. */
  const openTarget = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const index = id.startsWith('c-') ? data.ids.indexOf(id.slice(2)) : -1;
    if (index < 0) return;
    const place = view.rows.indexOf(index);
    if (place < 0 || place >= view.shown + ROWS_MORE) filterBy({ text: id });
    else if (place >= view.shown) renderTo(place + 1);
    const row = document.getElementById(id);
    open(row, true);
    row.scrollIntoView({ block: 'center' });
  };

  let timer = 0;
  controls.text.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(update, 120);
  });
  for (const control of section.querySelectorAll('.controls select, #filter-link')) control.addEventListener('change', update);
  section.querySelector('.clear').addEventListener('click', () => filterBy({}));
  section.querySelector('thead').addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button === null) return;
    const column = button.dataset.sort;
    // Numbers are wanted with the largest first, names and times from the beginning.
    view.descending = view.column === column ? !view.descending : button.closest('th').classList.contains('n');
    view.column = column;
    view.order = null;
    for (const header of section.querySelectorAll('.connections > thead th')) header.removeAttribute('aria-sort');
    button.closest('th').setAttribute('aria-sort', view.descending ? 'descending' : 'ascending');
    update();
  });
  table.addEventListener('click', (event) => {
    const row = event.target.closest('tr.row');
    if (row === null || event.ctrlKey || event.metaKey || event.target.closest('.why') || String(getSelection()) !== '')
      return;
    event.preventDefault();
    open(row, !row.classList.contains('open') && (row.classList.contains('shut') || !row.matches(':target')));
    history.replaceState(null, '', '#' + row.id);
  });
  more.querySelector('.some').addEventListener('click', () => renderTo(view.shown + ROWS_MORE));
  more.querySelector('.all').addEventListener('click', renderAll);
  addEventListener('hashchange', openTarget);
  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-filter]');
    if (link === null) return;
    const { filter, namespace, state, policy } = link.dataset;
    filterBy({ text: filter, namespace, state, policy });
  });
  section.classList.add('ready');
  update();
  openTarget();
}

function startCopying() {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('.filter button');
    if (button === null) return;
    const code = button.parentElement.querySelector('code');
    const label = button.textContent;
    const said = (text) => {
      button.textContent = text;
      setTimeout(() => (button.textContent = label), 1500);
    };
    navigator.clipboard.writeText(code.textContent).then(
      () => said('Copied'),
      () => {
        // Without the right to the clipboard the text is at least selected.
        getSelection().selectAllChildren(code);
        said('Selected');
      },
    );
  });
}

/** Lights up what a workload of the map talks to. */
function startMap(map) {
  const light = (key) => {
    map.classList.toggle('lit', key !== null);
    for (const part of map.querySelectorAll('[data-keys]')) {
      part.classList.toggle('on', key !== null && part.dataset.keys.split(' ').includes(key));
    }
  };
  for (const type of ['pointerover', 'focusin']) {
    map.addEventListener(type, (event) => light(event.target.closest('[data-key]')?.dataset.key ?? null));
  }
  for (const type of ['pointerleave', 'focusout']) map.addEventListener(type, () => light(null));
}

function startPrinting() {
  const opened = [];
  addEventListener('beforeprint', () => {
    for (const part of document.querySelectorAll('details:not([open])')) {
      part.open = true;
      opened.push(part);
    }
  });
  addEventListener('afterprint', () => {
    for (const part of opened.splice(0)) part.open = false;
  });
}

if (typeof document !== 'undefined') {
  const section = document.getElementById('connections');
  startCopying();
  startPrinting();
  if (section !== null) startTable(section);
  for (const map of document.querySelectorAll('svg.map')) startMap(map);
}
