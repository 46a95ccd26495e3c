/**
 * The way of a connection's packets as stages: its ends, and between them the interfaces that saw it, with the nodes they are on, what was
 * translated, and what was lost on the way. path-diagram.js draws it; here it is said in words.
 */
import { escapeHtml, formatCount } from './figures.js';

/** What is read first (namespace and name) and what stands below it. */
export function naming(end) {
  const { kind, namespace, name } = end.owner;
  if (name !== null && kind !== 'external') {
    const note = kind === 'pod' ? '' : kind === 'gateway' ? 'gateway of the node' : kind;
    return { scope: namespace === null ? '' : namespace + '/', name, below: end.address, note };
  }
  const note = kind === 'external' ? 'outside the cluster' : kind === 'unknown' ? 'unknown owner' : kind;
  return { scope: '', name: end.address, below: '', note };
}

export function endText({ address, port }) {
  if (port === null) return address;
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Whether two ends have the same address and port. */
export const isSameEnd = (one, other) => one.address === other.address && one.port === other.port;

/** What was translated between two hops that follow each other on the way of one direction. */
export function translation(before, hop, isBack) {
  if (before === undefined) return { client: false, server: false, text: '' };
  const client = !isSameEnd(before.client, hop.client);
  const server = !isSameEnd(before.server, hop.server);
  const names = [server && 'DNAT', client && 'SNAT'].filter(Boolean).join(' and ');
  return { client, server, text: names !== '' && isBack ? `${names} undone` : names };
}

/**
 * One direction's interfaces; one that several captures saw in a row is one stage. A capture of all interfaces that does not tell them
 * apart is a place only where its node shows no other: its hops belong to the stage before, or after.
 */
function stagesOf(hops, isBack) {
  const stages = [];
  const placed = new Set(hops.filter(({ isMixed }) => !isMixed).map(({ node }) => node));
  let waiting = [];
  let before;
  for (const hop of hops) {
    const { node, point, encapsulation } = hop;
    const last = stages.at(-1);
    if (hop.isMixed && placed.has(node)) {
      (last?.node === node ? last.hops : waiting).push(hop);
      continue;
    }
    const place = point.replace(/ \(any\)$/, '');
    const nat = translation(before, hop, isBack);
    const to = nat.text === '' ? '' : `${nat.text}: ${endText(nat.server ? hop.server : hop.client)}`;
    if (last?.place === place && to === '') {
      last.encapsulation ||= encapsulation;
      last.hops.push(hop);
    } else stages.push({ place, node, label: stageLabel(place, node), encapsulation, nat: to, hops: [...waiting, hop] });
    waiting = [];
    before = hop;
  }
  return stages;
}

/** The interface alone: its node and its pod stand beside it. */
function stageLabel(name, node) {
  if (name.startsWith('pod ')) return `pod ${name.slice(name.lastIndexOf(' ') + 1)}`;
  return node !== null && name.startsWith(node + '/') ? name.slice(node.length + 1) : name;
}

function endStage(end) {
  const { scope, name, note } = naming(end);
  const address = name === end.address ? note : endText(end);
  return { node: end.owner.node, label: scope + name, address, isEnd: true, encapsulation: '', nat: '', hops: [] };
}

/** What happened between two stages in one direction; null where that was not looked at. */
function between(segments, before, stage) {
  const within = segments.filter(({ from, to }) => {
    return before.hops.includes(from) && (stage.hops.includes(to) || before.hops.includes(to));
  });
  const across = within.find(({ to }) => stage.hops.includes(to));
  if (across === undefined) return null;
  const lost = within.reduce((sum, one) => sum + (one.estimate?.guess ?? one.lost), 0);
  return { lost, isEstimate: within.some((one) => one.estimate !== null), latency: across.latency };
}

/**
 * The ways to draw: one for both directions where the packets went back as they came, else one for each. The nodes of each, with
 * their stages, and for every stage but the first the link to it: translation, tunnel, what happened forth and back.
 */
export function waysOf({ client, server, there, back, segments }) {
  const stages = stagesOf(there, false);
  const returning = stagesOf(back, true);
  const places = (list) => list.map(({ place }) => place).filter((place, at, all) => place !== all[at - 1]);
  const isReverse = places(stages).join('\n') === places(returning).reverse().join('\n');
  const ways = [];
  if (there.length > 0) ways.push(way('Path', client, stages, server, segments.there, isReverse ? segments.back : []));
  if (back.length > 0 && !isReverse) ways.push(way('Way back', server, returning, client, segments.back, []));
  return ways;
}

function way(label, from, between_, to, forth, reverse) {
  const stages = [endStage(from), ...between_, endStage(to)];
  const nodes = [];
  stages.forEach((stage, index) => {
    const before = stages[index - 1];
    const isNext = before === undefined || before.node !== stage.node;
    if (isNext) nodes.push({ name: stage.node, stages: [] });
    stage.link =
      before === undefined
        ? null
        : {
            nat: stage.nat,
            tunnel: isNext ? before.encapsulation || stage.encapsulation : '',
            isBetweenNodes: isNext,
            isSeen: before.hops.length > 0 && stage.hops.length > 0,
            forth: between(forth, before, stage),
            back: between(reverse, stage, before),
          };
    nodes.at(-1).stages.push(stage);
  });
  return { label, nodes, hasReverse: reverse.length > 0 };
}

/** `3 lost →`, with the direction where both are drawn as one. */
export function lossText({ forth, back }) {
  const text = (one, arrow) => (one?.lost > 0 ? `${one.isEstimate ? '≈ ' : ''}${formatCount(one.lost)} lost ${arrow}` : '');
  return [text(forth, '→'), text(back, '←')].filter(Boolean).join(', ');
}

/** The ways in words: the page without JavaScript and screen readers have them. */
export function pathsHtml(connection, isDrawn) {
  return waysOf(connection)
    .map(({ label, nodes }) => {
      let markup = '';
      for (const { name, stages } of nodes) {
        const [{ link }] = stages;
        if (link !== null) markup += `<span class="link">${escapeHtml(link.tunnel)}</span>`;
        markup += `<span class="node"><small>${escapeHtml(name ?? '')}</small>${stages.map(stageHtml).join('')}</span>`;
      }
      return isDrawn ? `<p class="sr">${label}: ${markup}</p>` : `<dt>${label}<dd class="path">${markup}`;
    })
    .join('');
}

function stageHtml({ label, link, isEnd }) {
  const lost = link === null ? '' : lossText(link);
  return (
    (link === null || link.nat === '' ? '' : `<em>${escapeHtml(link.nat)}</em>`) +
    (lost === '' ? '' : `<b class="lost">${lost}</b>`) +
    (isEnd ? `<b>${escapeHtml(label)}</b>` : `<span>${escapeHtml(label)}</span>`)
  );
}
