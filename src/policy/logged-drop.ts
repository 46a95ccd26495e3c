/**
 * What a policy engine's log says of a packet, by the prefix of its netfilter rule (NFLOG): the only place where a drop itself is seen.
 *
 * Calico (felix/rules/nflog_prefix.go): `DPI0|policy`: Action (Allow, Deny, Next tier or Pass), Owner (Policy or pRofile), Direction
 * (Ingress or Egress), number of the rule, none at the end of a tier; then the name. kube-router: `DROP by policy NAMESPACE/NAME`.
 * Other prefixes are what somebody chose to write: only words that say what is done to the packet count.
 */
const CALICO = /^([ADNP])[PR][IE]\d*\|/;
const DROPPED = /(?:^|[^a-z])(?:drop|dropped|deny|denied|reject|rejected|block|blocked)(?![a-z])/i;
/** `NO-DROP`, `not dropped`. */
const NEGATED = /(?:^|[^a-z])(?:no|not|non|never|would|dry|audit)(?![a-z])/i;
/** As much of a prefix as is worth quoting; the kernel allows 127 bytes. */
const LONGEST_QUOTED = 63;

/** True if the prefix says that the packet was dropped or refused. */
export function saysDropped(prefix: string): boolean {
  const calico = CALICO.exec(prefix);
  if (calico !== null) return calico[1] === 'D';
  return DROPPED.test(prefix) && !NEGATED.test(prefix);
}

/** Proof for people that packets were dropped; `node` is null where it is not known whose log it is. */
export function describeDrop(prefix: string, node: string | null): string {
  const quoted = prefix.length > LONGEST_QUOTED ? `${prefix.slice(0, LONGEST_QUOTED)}…` : prefix;
  return `Proven: the netfilter log of ${node ?? 'a node'} has its packets as dropped, under "${quoted}".`;
}
