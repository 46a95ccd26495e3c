/** The table of a connection's hops: where it was seen, with which addresses, in what, and what happened since the hop before. */
import { escapeHtml, formatBytes, formatCount, formatDuration } from './figures.js';
import { endText, isSameEnd, translation } from './path.js';
import { segmentCells } from './segments.js';
import { stateHtml } from './states.js';

const HOP_HEADS = [
  'Hop',
  'Seen at',
  'Client → server there',
  'Inside',
  'First packet',
  'Packets, payload → / ←',
  'Lost → / ←',
  'Latency → / ←',
  'Handshake',
  'TTL → / ←',
];
const HOP_HEAD = `<thead><tr><th>${HOP_HEADS.join('<th>')}<tbody>`;

const SAME = '<span class="same">as above</span>';
/** Cells that narrow screens leave out. */
const NOTHING = new Set(['–', SAME]);

/** The whole table. */
export function hopsHtml(connection) {
  return `<table class="hops">${HOP_HEAD}${connection.hops.map((hop, index) => hopHtml(connection, hop, index + 1)).join('')}</table>`;
}

const isSameTuple = (one, other) => isSameEnd(one.client, other.client) && isSameEnd(one.server, other.server);

/** The tuple as the hop saw it, marked where it is not what the hop before it saw; not said again where it is. */
function tupleHtml(connection, hop, number) {
  const isBack = number > connection.there.length;
  const way = isBack ? connection.back : connection.there;
  const changed = translation(way[way.indexOf(hop) - 1], hop, isBack);
  const above = connection.hops[number - 2];
  if (changed.text === '' && above !== undefined && isSameTuple(above, hop)) return SAME;
  const end = (name) => {
    const text = escapeHtml(endText(hop[name]));
    return changed[name] ? `<mark>${text}</mark>` : text;
  };
  return `${end('client')} → ${end('server')}${changed.text === '' ? '' : `<small>${changed.text}</small>`}`;
}

/** Tunnels, their outer addresses below them, and VLANs. */
function aroundHtml({ encapsulation, vlans }) {
  const layers = encapsulation === '' ? [] : encapsulation.split(', ');
  const parts = layers.map((layer) => {
    const [, name, addresses] = /^(.*?)(?: (\S+ → \S+))?$/.exec(layer);
    return escapeHtml(name) + (addresses === undefined ? '' : `<small>${escapeHtml(addresses)}</small>`);
  });
  if (vlans !== '') parts.push(escapeHtml(`VLAN ${vlans}`));
  return parts.join(', ') || '–';
}

/** One hop; cells and rows need no end tags, and there are many. */
function hopHtml(connection, hop, number) {
  const ttl = [hop.clientTtl, hop.serverTtl].map((value) => value ?? '–').join(' / ');
  const nflog = hop.nflog === null ? '' : `<small>NFLOG ${escapeHtml(hop.nflog)}</small>`;
  const state = hop.state === connection.state ? '' : `<small>${stateHtml(connection.protocol, hop.state)}</small>`;
  const cells = [
    number,
    escapeHtml(hop.point) + nflog + state,
    tupleHtml(connection, hop, number),
    aroundHtml(hop),
    (hop.start < 0 ? '' : '+') + formatDuration(hop.start),
    `${formatCount(hop.sent.packets)} / ${formatCount(hop.received.packets)}` +
      `<small>${formatBytes(hop.sent.payload)} / ${formatBytes(hop.received.payload)}</small>`,
    ...segmentCells(connection.segments, hop, number - 1),
    hop.rtt < 0 ? '–' : formatDuration(hop.rtt),
    ttl,
  ];
  return `<tr>${cells.map((cell) => (NOTHING.has(cell) ? `<td class="nil">${cell}` : `<td>${cell}`)).join('')}`;
}
