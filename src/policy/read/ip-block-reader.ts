/** Reads CIDRs and `ipBlock` with the checks of the API server (NETWORKPOLICY.md 1.5 and 1.11). */
import { canonicalCidr, cidrCovers, parseCidr, type Cidr, type IpBlock } from '../ip-block.js';
import type { Field } from './field.js';

/** The CIDR; null, after an error, if it is none. */
export function readCidr(field: Field): Cidr | null {
  const text = field.text();
  if (text === null) return null;
  const cidr = parseCidr(text);
  if (cidr === null) return field.fail(`"${text.slice(0, 60)}" is no CIDR such as 10.0.0.0/8 or fd00::/64`);
  const canonical = canonicalCidr(cidr);
  if (cidr.family === 4 && canonical !== text) field.warn(`has bits set after the prefix; it means ${canonical}`);
  return cidr;
}

export function readIpBlock(field: Field): IpBlock | null {
  if (!field.isObject(['cidr', 'except'])) return null;
  const cidr = readCidr(field.member('cidr'));
  const holes = field.member('except').items();
  if (cidr === null || holes === null) return null;
  const except: Cidr[] = [];
  for (const item of holes) {
    const hole = readCidr(item);
    if (hole === null) return null;
    if (!cidrCovers(cidr, hole) || hole.prefix === cidr.prefix) {
      return item.fail(`${hole.text} must lie strictly inside ${cidr.text}`);
    }
    except.push(hole);
  }
  return { cidr, except };
}
