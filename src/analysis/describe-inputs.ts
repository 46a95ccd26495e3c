/** `--dry-run`: what every input was recognised as and what would be done with it, without reading the captures through. */
import { PodtrailError } from '../base/errors.js';
import { formatTimestamp } from '../base/time.js';
import { peekCapture, STANDARD_INPUT } from '../capture/open.js';
import { linkTypeName } from '../capture/link-types.js';
import { describeInventoryFile } from '../inventory/load.js';
import { findFiles } from '../inventory/walk.js';
import { prepareCaptures } from './capture-groups.js';
import type { AnalysisContext, AnalysisRequest, InputDescription } from './request.js';

const MAX_LINK_TYPES = 4;

export async function describeInputs(
  request: AnalysisRequest,
  _context: AnalysisContext,
): Promise<readonly InputDescription[]> {
  const { groups } = await prepareCaptures(request);
  const used = new Map<string, string>();
  for (const { name, node, interface: interfaceName, files } of groups) {
    const vantage = node === null ? name : `${node}/${interfaceName ?? ''}`;
    files.forEach(({ path }, index) => {
      used.set(path, files.length === 1 ? vantage : `${vantage}, part ${index + 1} of ${files.length}`);
    });
  }
  const descriptions: InputDescription[] = [];
  for (const path of new Set(request.captures)) descriptions.push(await describeCapture(path, used.get(path) ?? null));
  const inventory = [...request.inventory, ...request.nodeDirectories.map(({ directory }) => directory)];
  const { files, unreadable } = await findFiles(inventory);
  for (const path of files) {
    const file = await describeInventoryFile(path);
    if (file.role === 'capture') continue;
    descriptions.push({
      path,
      role: file.role === 'inventory' ? 'inventory' : 'not used',
      recognizedAs: file.recognizedAs,
      vantagePoint: null,
      problem: file.problems.length === 0 ? null : file.problems.join('; '),
    });
  }
  for (const { path, reason } of unreadable) {
    descriptions.push({ path, role: 'not used', recognizedAs: 'nothing', vantagePoint: null, problem: reason });
  }
  return descriptions;
}

async function describeCapture(path: string, vantagePoint: string | null): Promise<InputDescription> {
  const base = { path, vantagePoint };
  try {
    const peek = await peekCapture(path);
    if (peek === null) {
      const recognizedAs = path === STANDARD_INPUT ? 'standard input' : 'a pipe';
      return { ...base, role: 'capture', recognizedAs: `${recognizedAs}, not looked at yet`, problem: null };
    }
    const linkTypes = [...new Set(peek.interfaces.map(({ linkType }) => linkTypeName(linkType)))];
    const parts = [
      peek.format,
      ...(peek.compression === 'none' ? [] : [peek.compression]),
      ...(linkTypes.length > MAX_LINK_TYPES ? [`${linkTypes.length} link types`] : linkTypes),
      ...(peek.interfaces.length > 1 ? [`${peek.interfaces.length} interfaces`] : []),
      peek.firstTime === null
        ? 'no packet with a time at the beginning'
        : `first packet ${formatTimestamp(peek.firstTime.seconds, peek.firstTime.nanoseconds)}`,
    ];
    const problem = vantagePoint === null ? 'a copy of another input: it would be left out' : null;
    return { ...base, role: problem === null ? 'capture' : 'not used', recognizedAs: parts.join(', '), problem };
  } catch (error) {
    if (!(error instanceof PodtrailError)) throw error;
    return { ...base, role: 'not used', recognizedAs: 'not a capture that can be read', problem: error.message };
  }
}
