/** What the user can say about decoding, prepared once per run so that the per-packet question is one bit test. */

/** IANA's port and the one Linux, and so flannel, used before there was one. */
const VXLAN_PORTS: readonly number[] = [4789, 8472];
const PORTS = 0x10000;

export class DecodeOptions {
  /** One bit per UDP port. */
  private readonly vxlanPorts = new Int32Array(PORTS >>> 5);

  /** `extraVxlanPorts` are added to 4789 and 8472; numbers outside 1..65535 are ignored. */
  constructor(extraVxlanPorts: readonly number[] = []) {
    for (const port of [...VXLAN_PORTS, ...extraVxlanPorts]) {
      if (port > 0 && port < PORTS) this.vxlanPorts[port >>> 5]! |= 1 << (port & 31);
    }
  }

  /** Whether UDP to this port (0..65535) is VXLAN unless the packet itself says otherwise. */
  isVxlanPort(port: number): boolean {
    return (this.vxlanPorts[port >>> 5]! & (1 << (port & 31))) !== 0;
  }
}
