/**
 * A connection's way as a drawing: a box for each node, in it the stages on a line in their order, between nodes the tunnel as a pipe, where
 * addresses were translated, where packets were lost, and how long they took. Once across for wide screens and paper, once downwards
 * for phones; the style sheet shows the one that fits. Nothing can be measured here, so that texts are cut to the room there is.
 */
import { escapeHtml, formatLatency } from './figures.js';
import { lossText, waysOf } from './path.js';

/** Average width of a character, in parts of the font's size. */
const CHARACTER = 0.56;
const SMALL = 11.5;
const NAME = 12.5;

const round = (value) => Math.round(value * 10) / 10;

function cut(text, width, size) {
  const most = Math.max(3, Math.floor(width / (size * CHARACTER)));
  const characters = Array.from(text);
  if (characters.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return characters.slice(0, most - 1 - tail).join('') + '…' + characters.slice(characters.length - tail).join('');
}

const widthOf = (text, size) => Array.from(text).length * size * CHARACTER;

function text(x, y, content, { kind = 'small', anchor = '' } = {}) {
  return `<text x="${round(x)}" y="${round(y)}" class="${kind}${anchor === '' ? '' : ` ${anchor}`}">${escapeHtml(content)}</text>`;
}

/** `VXLAN 1` of `VXLAN 1 10.0.0.1 → 10.0.0.2`. */
const tunnelName = (tunnel) =>
  tunnel
    .split(', ')
    .map((one) => one.replace(/ \S+ → .*$/, ''))
    .join(' in ');

/** `12 µs`; `≈ 12 µs` where the clocks leave more than a tenth of it open, `< 40 µs` where they leave all of it open. */
function latencyText(one) {
  if (one === null || one.latency === null) return '';
  const { p50, error } = one.latency;
  if (error > Math.abs(p50)) return `< ${formatLatency(p50 + error)}`;
  return `${error * 10 > Math.abs(p50) ? '≈ ' : ''}${formatLatency(p50)}`;
}

/** The drawings of a connection's ways, across and downwards. */
export function pathDiagram(connection) {
  return waysOf(connection)
    .map((way) => `<figure class="way"><figcaption>${captionOf(way)}</figcaption>${drawAcross(way)}${drawDownwards(way)}</figure>`)
    .join('');
}

function captionOf({ label, hasReverse, nodes }) {
  const links = nodes.flatMap(({ stages }) => stages.map(({ link }) => link));
  const isMeasured = links.some((link) => link?.forth?.latency || link?.back?.latency);
  const both = hasReverse ? ' <span>→ to the server, ← back</span>' : '';
  return `${label}${both}${isMeasured ? '<span>medians of one-way latency</span>' : ''}`;
}

/* ---- Across ---- */

const WIDE = { width: 1080, gap: 92, pad: 14, slot: 66, line: 112 };

function drawAcross(way) {
  const { nodes } = way;
  const boxes = placeAcross(nodes);
  const last = boxes.at(-1);
  const width = Math.max(last.x + last.width + 1, 320);
  const hasNat = nodes.some(({ stages }) => stages.some(({ nat }) => nat !== ''));
  const height = WIDE.line + (hasNat ? 62 : 44);
  let lines = '';
  let marks = '';
  let before;
  for (const box of boxes) {
    lines += `<rect x="${round(box.x)}" y="1" width="${round(box.width)}" height="${height - 2}" rx="8" class="box"/>`;
    marks += text(box.x + WIDE.pad, 20, cut(box.name, box.width - 2 * WIDE.pad, SMALL));
    for (const stage of box.stages) {
      if (before !== undefined) {
        lines += linkAcross(before, stage);
        marks += linkTextsAcross(before, stage, width);
      }
      marks += stage.isEnd ? endAcross(box, stage) : stationAcross(stage);
      before = stage;
    }
  }
  const view = `viewBox="0 0 ${round(width)} ${height}" style="--width:${Math.round(width)}"`;
  return `<svg class="trail on-wide" aria-hidden="true" ${view}>${lines}${marks}</svg>`;
}

/** Boxes with their places, stages at equal distances in each; they grow into the room there is. */
function placeAcross(nodes) {
  const count = nodes.reduce((sum, { stages }) => sum + stages.length, 0);
  const least = nodes.map(({ name, stages }) => {
    const ends = stages.filter(({ isEnd }) => isEnd);
    const names = ends.map(({ label }) => Math.min(230, widthOf(label, NAME) + 8)).reduce((sum, one) => sum + one + 12, 0);
    return Math.max(names, widthOf(name ?? '', SMALL)) + 2 * WIDE.pad;
  });
  const room = WIDE.width - (nodes.length - 1) * WIDE.gap;
  const slot = Math.max(WIDE.slot, Math.min(104, (room - 10) / count));
  let x = 0.5;
  return nodes.map(({ name, stages }, index) => {
    const width = Math.max(stages.length * slot, Math.min(least[index], 300));
    const distance = width / stages.length;
    const left = x;
    const placed = stages.map((stage, at) => ({ ...stage, x: left + distance * (at + 0.5), room: distance, box: index }));
    x += width + WIDE.gap;
    return { name: name ?? '', x: left, width, stages: placed };
  });
}

function stationAcross({ x, label, room }) {
  return `<circle cx="${round(x)}" cy="${WIDE.line}" r="4.5" class="stop"/>${text(x, 78, cut(label, room - 4, SMALL), { kind: 'label', anchor: 'mid' })}`;
}

/** The client at the left edge of its box, the server at the right one; alone in its box in its middle. */
function endAcross(box, stage) {
  const ends = box.stages.filter(({ isEnd }) => isEnd).length;
  const isFirst = stage.link === null;
  const x = isFirst ? box.x + WIDE.pad : box.x + box.width - WIDE.pad;
  const anchor = isFirst ? '' : 'right';
  const room = (box.width - 2 * WIDE.pad - (ends - 1) * 12) / ends;
  return (
    `<circle cx="${round(stage.x)}" cy="${WIDE.line}" r="7" class="end"/>` +
    text(x, 38, cut(stage.label, room, NAME), { kind: 'name', anchor }) +
    text(x, 53, cut(stage.address, room, SMALL), { anchor })
  );
}

function linkAcross(before, { x, link }) {
  const kind = lossText(link) !== '' ? 'lossy' : link.isSeen ? 'seen' : 'unseen';
  return `<path d="M${round(before.x)} ${WIDE.line}H${round(x)}" class="${kind}"/>`;
}

function linkTextsAcross(before, stage, width) {
  const { link } = stage;
  const isNext = before.box !== stage.box;
  const left = before.x + (isNext ? before.room / 2 : 0);
  const right = stage.x - (isNext ? stage.room / 2 : 0);
  const middle = (left + right) / 2;
  const y = WIDE.line;
  let markup = '';
  if (link.tunnel !== '') {
    markup +=
      `<rect x="${round(left - 6)}" y="${y - 10}" width="${round(right - left + 12)}" height="20" rx="10" class="pipe"/>` +
      text(middle, y + 4, cut(tunnelName(link.tunnel), right - left, SMALL), { kind: 'inside', anchor: 'mid' });
  }
  const loss = lossText(link);
  if (loss !== '') markup += text(middle, y - 14, `✕ ${loss.replaceAll(' lost', '')}`, { kind: 'loss', anchor: 'mid' });
  const [forth, back] = [latencyText(link.forth), latencyText(link.back)];
  if (forth !== '') markup += text(middle, y + 23, `→ ${forth}`, { anchor: 'mid' });
  if (back !== '') markup += text(middle, y + 37, `← ${back}`, { anchor: 'mid' });
  if (link.nat !== '') {
    const half = widthOf(link.nat, SMALL) / 2 + 4;
    const x = Math.max(half, Math.min(width - half, middle));
    markup +=
      `<path d="M${round(middle)} ${y - 6}l6 6l-6 6l-6 -6Z" class="nat"/>` +
      text(x, y + 54, link.nat, { kind: 'translated', anchor: 'mid' });
  }
  return markup;
}

/* ---- Downwards ---- */

const NARROW = { width: 320, line: 20, text: 38 };

function drawDownwards({ nodes }) {
  const room = NARROW.width - NARROW.text - 8;
  let y = 0;
  let boxes = '';
  let pipes = '';
  let lines = '';
  let marks = '';
  let before = null;
  for (const { name, stages } of nodes) {
    const [{ link: way }] = stages;
    if (way !== null) {
      const texts = linkTexts(way, room);
      const height = Math.max(26, texts.length * 16 + 10);
      if (way.tunnel !== '') pipes += `<rect x="${NARROW.line - 6}" y="${y - 4}" width="12" height="${height + 8}" rx="6" class="pipe"/>`;
      marks += textsDownwards(texts, y + 7);
      y += height;
    }
    const top = y;
    marks += text(NARROW.text, y + 17, cut(name ?? '', room, SMALL));
    y += 24;
    stages.forEach((stage, index) => {
      if (index > 0) {
        const texts = linkTexts(stage.link, room);
        marks += textsDownwards(texts, y);
        y += texts.length * 16 + 6;
      }
      const at = y + 8;
      if (before !== null) {
        const kind = lossText(stage.link) !== '' ? 'lossy' : stage.link.isSeen ? 'seen' : 'unseen';
        lines += `<path d="M${NARROW.line} ${before}V${at}" class="${kind}"/>`;
      }
      marks += `<circle cx="${NARROW.line}" cy="${at}" r="${stage.isEnd ? 7 : 4.5}" class="${stage.isEnd ? 'end' : 'stop'}"/>`;
      marks += text(NARROW.text, at + 4, cut(stage.label, room, NAME), { kind: stage.isEnd ? 'name' : 'label' });
      if (stage.isEnd) marks += text(NARROW.text, at + 19, cut(stage.address, room, SMALL));
      before = at;
      y += stage.isEnd ? 34 : 18;
    });
    y += 6;
    boxes += `<rect x="1" y="${top}" width="${NARROW.width - 2}" height="${y - top}" rx="8" class="box"/>`;
  }
  return `<svg class="trail on-narrow" aria-hidden="true" viewBox="0 0 ${NARROW.width} ${y + 1}">${boxes}${lines}${pipes}${marks}</svg>`;
}

/** What is said beside a link, a line each. */
function linkTexts(link, room) {
  const [forth, back] = [latencyText(link.forth), latencyText(link.back)];
  const latency = [forth && `→ ${forth}`, back && `← ${back}`].filter(Boolean).join('   ');
  const loss = lossText(link);
  return [
    link.tunnel !== '' && { kind: 'small', content: link.tunnel },
    link.nat !== '' && { kind: 'translated', content: `◆ ${link.nat}` },
    loss !== '' && { kind: 'loss', content: `✕ ${loss}` },
    latency !== '' && { kind: 'small', content: latency },
  ]
    .filter(Boolean)
    .map(({ kind, content }) => ({ kind, content: cut(content, room, SMALL) }));
}

function textsDownwards(texts, y) {
  return texts.map(({ kind, content }, index) => text(NARROW.text, y + 12 + index * 16, content, { kind })).join('');
}
