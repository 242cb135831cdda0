import { mountPage } from '../shared/page';
import { DeskGate } from './desk-page';

mountPage(<DeskGate />, ['agent', 'supervisor']);
