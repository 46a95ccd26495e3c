/** Documents with nothing, and with next to nothing. */
import type { ReportDocument } from '../../../src/model/document.js';
import { buildCapture, buildConnection, buildEndpoint, buildSummary, nobody, tableOf, vantagePoint } from './build.js';
import { documentOf } from './totals.js';

/** A capture file with a header and nothing else. */
export function emptyDocument(): ReportDocument {
  return {
    summary: buildSummary({
      captures: [
        buildCapture(0, {
          path: 'empty.pcap',
          format: 'pcap',
          compression: 'none',
          sizeBytes: 24,
          packets: 0,
          wireBytes: 0,
          capturedBytes: 0,
          time: null,
          interfaces: [],
          notes: [],
        }),
      ],
      limitations: [
        { severity: 'warning', text: 'The capture holds no packets.', advice: 'Check the filter it was made with.' },
      ],
    }),
    connections: tableOf([]),
  };
}

/** One connection, one capture, no inventory. */
export function minimalDocument(): ReportDocument {
  return documentOf(
    [
      buildConnection({
        client: buildEndpoint('10.244.1.7', 43210, nobody('unknown', 'no inventory was given')),
        server: buildEndpoint('10.244.2.9', 8080, nobody('unknown', 'no inventory was given')),
      }),
    ],
    {
      captures: [buildCapture(0, { path: 'capture.pcap', format: 'pcap', compression: 'none' })],
      vantagePoints: [vantagePoint(0, 'capture.pcap', null, null, 'unknown')],
      inventory: null,
      limitations: [
        {
          severity: 'warning',
          text: 'No inventory was given: addresses have no names.',
          advice:
            'kubectl get pods,services,endpointslices,nodes,namespaces -A -o json > inventory.json, and add --inventory inventory.json.',
        },
      ],
    },
  );
}
