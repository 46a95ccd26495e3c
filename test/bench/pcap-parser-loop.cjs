/** Reads a capture with pcap-parser and does nothing with it: the baseline in JavaScript. Prints the number of packets. */
const pcapParser = require('pcap-parser');

let packets = 0;
const parser = pcapParser.parse(process.argv[2]);
parser.on('packet', () => packets++);
parser.on('end', () => console.log(`${packets} packets`));
