/**
 * What happened between the hops of a connection: read from the page's data (src/report/html/page-segments.ts) and said in words and cells.
 * Latencies are microseconds.
 */
import { escapeHtml, formatBytes, formatCount, formatLatency } from './figures.js';

const TENTHS = 10;

/** The columns of segments made ready: latencies and what is unusual by the number of the segment, the rest by row. */
export function prepareSegments(columns, firstSegment) {
  const latencies = [];
  for (let at = 0; at < columns.segments.length; at++) {
    const more = columns.segments[at] - 1;
    const p50 = more < 0 ? 0 : columns.segments[++at];
    latencies.push(more < 0 ? null : { p50: p50 / TENTHS, max: (p50 + more) / TENTHS });
  }
  const others = new Map();
  for (let at = 0, number = 0; at < columns.otherSegments.length; at += 9) {
    number += columns.otherSegments[at];
    others.set(number, columns.otherSegments.slice(at + 1, at + 9));
  }
  return {
    firstSegment,
    latencies,
    others,
    lost: byRow(columns.lost, 8),
    again: byRow(columns.again, 6),
    againAt: byRow(columns.againAt, 5),
  };
}

/** Members of a list by their row: of `size` numbers each, of which the first is how many rows they are after the one before. */
function byRow(numbers, size) {
  const rows = new Map();
  for (let at = 0, row = 0; at < numbers.length; at += size) {
    row += numbers[at];
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push(numbers.slice(at + 1, at + size));
  }
  return rows;
}

/** How many segments a path has. */
export function countSegments(path) {
  return linksOf(path).reduce((sum, way) => sum + way.length, 0);
}

function linksOf({ shapes, there = shapes.length, back, links }) {
  if (links !== undefined) return links;
  const forth = Array.from({ length: there }, (_, place) => place);
  return [forth, back ?? [...forth].reverse()].map((way) => way.slice(1).map((to, index) => [way[index], to]));
}

/** The segments of a row, with the hops between which they are, its lost packets and what was sent again. */
export function readSegments(segments, row, path, hops) {
  const first = segments.firstSegment[row];
  let number = first;
  const ways = linksOf(path).map((way, side) =>
    way.map(([from, to]) => {
      const usual = side === 0 ? hops[from].sent.packets : hops[from].received.packets;
      const [packets, lost, unknown, bytes, guess, low, high] = segments.others.get(number) ?? [usual, 0, 0, 0, -1, -1, -1];
      const error = (path.errors?.[number - first] ?? 0) / 1000;
      const latency = segments.latencies[number] ?? null;
      number++;
      return {
        ...{ from: hops[from], to: hops[to], packets, lost, unknown, bytes },
        estimate: guess < 0 ? null : { guess, low, high },
        latency: latency && { ...latency, error },
      };
    }),
  );
  return {
    segments: { there: ways[0] ?? [], back: ways[1] ?? [] },
    lost: (segments.lost.get(row) ?? []).map(([side, from, to, time, sequence, bytes, around]) => ({
      ...{ side, from: hops[from], to: hops[to], time, sequence, bytes, around },
    })),
    again: [0, 1].map((side) => readAgain(segments, row, side, hops)),
  };
}

function readAgain(segments, row, side, hops) {
  const found = segments.again.get(row)?.find((one) => one[0] === side);
  if (found === undefined) return null;
  const [, packets, acknowledgement, spurious, unexplained] = found;
  const at = (segments.againAt.get(row) ?? []).filter((one) => one[0] === side);
  return {
    ...{ packets, acknowledgement, spurious, unexplained },
    lost: at.map(([, from, to, count]) => ({ from: hops[from], to: hops[to], packets: count })),
  };
}

/** Packets of both directions that vanished between two hops. */
export function lostOf({ segments }) {
  return [...segments.there, ...segments.back].reduce((sum, { lost, estimate }) => sum + (estimate?.guess ?? lost), 0);
}

const lostText = ({ lost, estimate }) => (estimate === null ? formatCount(lost) : `≈ ${formatCount(estimate.guess)}`);

/** Two cells of the hop's row: what was lost, and how long packets took, between the hop before and this one. */
export function segmentCells({ there, back }, hop, index) {
  const pair = [there.find(({ to }) => to === hop), back.find(({ from }) => from === hop)];
  if (index === 0 || pair.every((one) => one === undefined)) return ['–', '–'];
  const lost = pair.map((one) => {
    if (one === undefined) return '–';
    const text = lostText(one);
    return one.lost > 0 ? `<b class="lost">${text}</b>` : text;
  });
  const notes = pair.flatMap((one) => {
    if (one === undefined) return [];
    const { estimate, unknown } = one;
    return [
      estimate !== null && `${formatCount(estimate.low)} to ${formatCount(estimate.high)} by samples`,
      unknown > 0 && `${formatCount(unknown)} unknown`,
    ].filter(Boolean);
  });
  const medians = pair.map((one) => (one?.latency ? formatLatency(one.latency.p50) : '–'));
  const most = pair.map((one) => (one?.latency ? formatLatency(one.latency.max) : '–'));
  const error = Math.max(...pair.map((one) => one?.latency?.error ?? 0));
  const beside = [`max ${most.join(' / ')}`, error > 0 && `± ${formatLatency(error)}`].filter(Boolean);
  return [
    lost.join(' / ') + notes.map((note) => `<small>${note}</small>`).join(''),
    medians.every((text) => text === '–') ? '–' : medians.join(' / ') + beside.map((note) => `<small>${note}</small>`).join(''),
  ];
}

/** Sentences on what was sent again, and why. */
export function againSentences(again) {
  return again.flatMap((one, side) => {
    if (one === null) return [];
    const causes = [
      ...one.lost.map(({ from, to, packets }) => `${formatCount(packets)} lost between ${from.point} and ${to.point}`),
      one.acknowledgement > 0 && `${formatCount(one.acknowledgement)} after a lost acknowledgement`,
      one.spurious > 0 && `${formatCount(one.spurious)} for nothing`,
      one.unexplained > 0 && `${formatCount(one.unexplained)} unexplained`,
    ].filter(Boolean);
    const many = one.packets === 1 ? '1 segment' : `${formatCount(one.packets)} segments`;
    return [`The ${side === 0 ? 'client' : 'server'} sent ${many} again: ${causes.join(', ')}.`];
  });
}

const WITNESSES = ['it saw packets before and after', 'it saw other packets right around it'];

/**
 * The lost packets that are listed, as a table, and from when to when the points were capturing that did not see them; empty if there are
 * none. `relative` says a moment in microseconds after the beginning of the captures.
 */
export function lostPacketsHtml(connection, relative) {
  const { lost } = connection;
  if (lost.length === 0) return '';
  const rows = lost.map(({ side, from, to, time, sequence, bytes, around }) => {
    const cells = [
      relative(connection.start + time),
      side === 0 ? 'client → server' : 'server → client',
      escapeHtml(from.point),
      escapeHtml(to.point),
      sequence < 0 ? '–' : String(sequence),
      formatBytes(bytes),
      WITNESSES[around],
    ];
    return `<tr><td>${cells.join('<td>')}`;
  });
  const all = lostOf(connection);
  const caption = all > lost.length ? `The first ${lost.length} of ${formatCount(all)} lost packets` : 'Lost packets';
  const heads = ['Last seen', 'Direction', 'At', 'Not seen at', 'Sequence', 'Payload', 'Why it was lost, not missed'];
  return (
    `<table class="hops lost-packets"><caption>${caption}${capturingHtml(lost, relative)}<thead><tr><th>${heads.join('<th>')}<tbody>` +
    `${rows.join('')}</table>`
  );
}

/** When the points were capturing at which packets were missed. */
function capturingHtml(lost, relative) {
  const points = new Map(lost.map(({ to }) => [to.point, to.span]));
  const told = [...points]
    .filter(([, span]) => span !== null)
    .map(([point, [start, end]]) => `${escapeHtml(point)} from ${relative(start)} to ${relative(end)}`);
  return told.length === 0 ? '' : `<small>Captured all the while: ${told.join(', ')}.</small>`;
}
