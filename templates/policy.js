/** What NetworkPolicy says of a connection: the cell of its row, and the sentences below it. */
import { escapeHtml } from './figures.js';

/** Group of colours and sign by verdict. */
const VERDICTS = {
  allowed: ['complete', '✓'],
  denied: ['failed', '✕'],
  'not selected': ['open', '○'],
  undefined: ['partial', '?'],
};

/** What the outcome adds to the verdict; what is in the word already is not said twice. */
function outcomeText({ verdict, outcome }) {
  if (verdict === 'denied') return outcome.replace(/^denied (and )?/, '');
  if (outcome.startsWith('allowed but')) return outcome.slice('allowed '.length);
  return '';
}

/** The verdict's cell, with what became of it; empty for traffic that no policy is asked about. */
export function verdictCell({ policy, isJudged }) {
  if (!isJudged) return '';
  if (policy === null) return '<td class="verdict">–</td>';
  const [group, sign] = VERDICTS[policy.verdict] ?? VERDICTS.undefined;
  const outcome = outcomeText(policy);
  const isBreach = policy.outcome.startsWith('denied but');
  const beside = outcome === '' ? '' : `<small>${isBreach ? `<b class="lost">${escapeHtml(outcome)}</b>` : escapeHtml(outcome)}</small>`;
  return `<td class="verdict"><span class="state ${group}"><i aria-hidden="true">${sign}</i> ${escapeHtml(policy.verdict)}</span>${beside}</td>`;
}

/** Verdicts in the order in which one looks for them. */
const RANKS = ['denied', 'undefined', 'allowed', 'not selected'];

/** Place of a verdict when rows are sorted by it: breaches first, what no policy is asked about last. */
export function verdictRank(policy) {
  if (policy === null) return RANKS.length;
  return policy.outcome.startsWith('denied but') ? -1 : RANKS.indexOf(policy.verdict);
}

/** The outcome and why, sentence by sentence. */
export function policyHtml({ policy }) {
  if (policy === null) return '';
  return `<dt>Policy<dd><b>${escapeHtml(policy.outcome)}</b> <span>${policy.sentences.map(escapeHtml).join(' ')}</span>`;
}
