import { asteriskWorld } from './asterisk-world';
import { describeCallControl } from './call-control.conformance';

describeCallControl('Asterisk, link ari-client', () => asteriskWorld('ari-client'));
