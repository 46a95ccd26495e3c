/**
 * Draws who talked to whom and who may: clients as rows, servers as columns. A cell's sign says what was seen (allowed, denied, denied and
 * yet established) and its ground what the policies let through, so that nothing is told by colour alone.
 */
import type { PolicyMatrix, PolicyMatrixCell } from '../../model/document.js';
import { counted } from '../figures.js';
import { cutMiddle } from '../text.js';
import type { SurfaceFactory, SvgNode } from './svg-surface.js';

export interface MatrixInput {
  readonly matrix: PolicyMatrix;
  /** Names of the workloads, fit to be shown. */
  readonly names: readonly string[];
}

const CELL = 26;
const CHARACTERS = 26;
const CHARACTER_WIDTH = 6.6;
const LABEL = CHARACTERS * CHARACTER_WIDTH + 14;
/** Column labels stand at an angle: their length, and how far the last one reaches to the right. */
const SLANT = Math.PI / 4;

/** The matrix as SVG markup; empty where there is nothing to show. */
export function drawPolicyMatrix({ matrix, names }: MatrixInput, openSurface: SurfaceFactory): string {
  const count = names.length;
  const top = Math.ceil(LABEL * Math.sin(SLANT)) + 8;
  const width = Math.ceil(LABEL + count * CELL + LABEL * Math.cos(SLANT));
  const height = top + count * CELL + 2;
  const surface = openSurface({
    width,
    height,
    id: 'policy-matrix',
    className: 'matrix',
    title: 'Who may talk to whom',
    description: `${counted(count, 'workload')} as clients (rows) and servers (columns). The table of connections has their verdicts.`,
  });
  names.forEach((name, index) => drawLabels(surface.svg, cutMiddle(name, CHARACTERS), index, top, count));
  for (const cell of matrix.cells) drawCell(surface.svg, cell, names, top);
  return surface.toString();
}

function drawLabels(svg: SvgNode, name: string, index: number, top: number, count: number): void {
  const middle = (index + 0.5) * CELL;
  const x = LABEL + middle;
  const y = top + middle;
  svg
    .append('path')
    .attr('class', 'grid')
    .attr('d', `M${LABEL} ${top + index * CELL}h${count * CELL}M${LABEL + index * CELL} ${top}v${count * CELL}`);
  svg
    .append('text')
    .attr('class', 'row')
    .attr('x', LABEL - 8)
    .attr('y', y + 4)
    .text(name);
  svg
    .append('text')
    .attr('transform', `translate(${x} ${top - 6}) rotate(-45)`)
    .text(name);
}

function drawCell(svg: SvgNode, cell: PolicyMatrixCell, names: readonly string[], top: number): void {
  const x = LABEL + cell.server * CELL;
  const y = top + cell.client * CELL;
  const group = svg.append('g').attr('class', `cell ${kindOf(cell)} ${groundOf(cell)}`);
  group.append('title').text(describeCell(cell, names));
  group
    .append('rect')
    .attr('x', x + 1)
    .attr('y', y + 1)
    .attr('width', CELL - 2)
    .attr('height', CELL - 2);
  group
    .append('text')
    .attr('x', x + CELL / 2)
    .attr('y', y + CELL / 2 + 5)
    .text(SIGNS[kindOf(cell)]);
}

type Kind = 'breach' | 'denied' | 'doubt' | 'allowed' | 'unseen';

const SIGNS: Readonly<Record<Kind, string>> = { breach: '!', denied: '✕', doubt: '?', allowed: '●', unseen: '' };

function kindOf({ allowed, denied, deniedButEstablished, undefined: undecided }: PolicyMatrixCell): Kind {
  if (deniedButEstablished > 0) return 'breach';
  if (denied > 0) return 'denied';
  if (allowed > 0) return 'allowed';
  return undecided > 0 ? 'doubt' : 'unseen';
}

function groundOf({ permits }: PolicyMatrixCell): string {
  if (permits === null) return 'outside';
  return permits === 'nothing' ? 'closed' : permits === 'some ports' ? 'partial' : 'free';
}

function describeCell(cell: PolicyMatrixCell, names: readonly string[]): string {
  const { allowed, denied, deniedButEstablished, permits } = cell;
  const seen = [
    allowed > 0 ? `${allowed} allowed` : '',
    denied > 0 ? `${denied} denied` : '',
    deniedButEstablished > 0 ? `${deniedButEstablished} of these established` : '',
    cell.undefined > 0 ? `${cell.undefined} undefined` : '',
  ].filter((text) => text !== '');
  const may = permits === null ? '' : `; the policies permit ${permits}`;
  const connections = seen.length === 0 ? 'nothing seen' : seen.join(', ');
  return `${names[cell.client] ?? ''} to ${names[cell.server] ?? ''}: ${connections}${may}`;
}
