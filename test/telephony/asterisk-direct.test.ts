import { asteriskWorld } from './asterisk-world';
import { describeCallControl } from './call-control.conformance';

describeCallControl('Asterisk, link direct', () => asteriskWorld('direct'));
